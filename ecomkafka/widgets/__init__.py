"""Panels: press buttons in a notebook and see what the shop makes of it. They need the extra `lab` (ipywidgets)."""

from ecomkafka.widgets.panels.control_room import ControlRoom as ControlRoom
from ecomkafka.widgets.panels.floor_map import FloorMap as FloorMap
from ecomkafka.widgets.panels.invariants_board import InvariantsBoard as InvariantsBoard
from ecomkafka.widgets.panels.mailbox_panel import MailboxPanel as MailboxPanel
from ecomkafka.widgets.panels.metrics_panel import MetricsPanel as MetricsPanel
from ecomkafka.widgets.panels.order_desk import OrderDesk as OrderDesk
from ecomkafka.widgets.panels.saga_explorer import SagaExplorer as SagaExplorer
from ecomkafka.widgets.panels.saga_view import SagaView as SagaView
from ecomkafka.widgets.panels.shop_floor import ShopFloor as ShopFloor
from ecomkafka.widgets.panels.topics_browser import TopicsBrowser as TopicsBrowser
from ecomkafka.widgets.panels.windows_panel import WindowsPanel as WindowsPanel
