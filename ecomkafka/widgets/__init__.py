"""Panels: press buttons in a notebook and see what the shop makes of it. They need the extra `lab` (ipywidgets)."""

from ecomkafka.widgets.control_room import ControlRoom as ControlRoom
from ecomkafka.widgets.floor_map import FloorMap as FloorMap
from ecomkafka.widgets.invariants_board import InvariantsBoard as InvariantsBoard
from ecomkafka.widgets.mailbox_panel import MailboxPanel as MailboxPanel
from ecomkafka.widgets.metrics_panel import MetricsPanel as MetricsPanel
from ecomkafka.widgets.order_desk import OrderDesk as OrderDesk
from ecomkafka.widgets.saga_explorer import SagaExplorer as SagaExplorer
from ecomkafka.widgets.saga_view import SagaView as SagaView
from ecomkafka.widgets.shop_floor import ShopFloor as ShopFloor
from ecomkafka.widgets.topics_browser import TopicsBrowser as TopicsBrowser
from ecomkafka.widgets.windows_panel import WindowsPanel as WindowsPanel
