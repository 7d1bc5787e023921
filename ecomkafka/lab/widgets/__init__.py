"""Panels: press buttons in a notebook and see what the shop makes of it. They need the extra `lab` (ipywidgets)."""

from ecomkafka.lab.widgets.control_room import ControlRoom as ControlRoom
from ecomkafka.lab.widgets.floor import ShopFloor as ShopFloor
from ecomkafka.lab.widgets.invariants_board import InvariantsBoard as InvariantsBoard
from ecomkafka.lab.widgets.mailbox import MailboxPanel as MailboxPanel
from ecomkafka.lab.widgets.order_desk import OrderDesk as OrderDesk
from ecomkafka.lab.widgets.saga_view import SagaView as SagaView
from ecomkafka.lab.widgets.topics_browser import TopicsBrowser as TopicsBrowser
from ecomkafka.lab.widgets.windows_panel import WindowsPanel as WindowsPanel
