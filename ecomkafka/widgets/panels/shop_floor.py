"""The shop floor: every panel of a shop on one page."""

from typing import Any, Self

from ipywidgets import Tab  # type: ignore[import-untyped]

from ecomkafka.broker import Broker
from ecomkafka.invariants.witness import Witness
from ecomkafka.shop import Shop
from ecomkafka.widgets.drawing.markup import snapshot
from ecomkafka.widgets.panel_frame import Panel
from ecomkafka.widgets.panels.control_room import ControlRoom
from ecomkafka.widgets.panels.floor_map import FloorMap
from ecomkafka.widgets.panels.invariants_board import InvariantsBoard
from ecomkafka.widgets.panels.mailbox_panel import MailboxPanel
from ecomkafka.widgets.panels.order_desk import OrderDesk
from ecomkafka.widgets.panels.saga_view import SagaView
from ecomkafka.widgets.panels.topics_browser import TopicsBrowser
from ecomkafka.widgets.panels.windows_panel import WindowsPanel

TITLES = ("Order desk", "Map", "Saga", "Control room", "Windows", "Mailbox", "Invariants", "Topics")
"""Short: a tab cuts off what is longer than 18 letters or so."""


class ShopFloor:
    """`ShopFloor(shop)` as a cell's last line shows it. It closes with the shop, or before it in a `with` block.

    `broker`: the shop's own, if it has one, to be paused and killed in the control room.
    """

    def __init__(self, shop: Shop, broker: Broker | None = None) -> None:
        self.desk = OrderDesk(shop)
        self.saga = SagaView(shop)
        self.control = ControlRoom(shop, broker)
        self.windows = WindowsPanel(shop)
        self.mailbox = MailboxPanel(shop)
        self.invariants = InvariantsBoard(shop)
        self.topics = TopicsBrowser(shop)
        self.map = FloorMap(shop, self.topics.snapshots, self.go)
        self.widget = Tab([panel.widget for panel in self.panels], titles=TITLES)

    @property
    def witness(self) -> Witness:
        """The consumer that reads along for all panels: `shop.invariants` wants one."""
        return self.desk.feed.witness

    @property
    def panels(self) -> tuple[Panel, ...]:
        return (
            self.desk, self.map, self.saga, self.control, self.windows, self.mailbox, self.invariants, self.topics
        )  # fmt: skip

    def go(self, kind: str, name: str) -> None:
        """Open the panel of a thing on the map: a topic in the topics browser, a service in the control room, …"""
        panel: Panel = {"client": self.desk, "read model": self.desk, "mailbox": self.mailbox}.get(name, self.control)
        if kind == "topic":
            panel, self.topics.topic.value = self.topics, name
        elif f"{name}-0" in self.control.instance.options:
            self.control.instance.value = f"{name}-0"
        self.widget.selected_index = self.panels.index(panel)

    def close(self) -> None:
        """They stay on the page as they are, without life."""
        for panel in self.panels:
            panel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """As a panel's: the living widget, and what it shows at this moment."""
        bundle = self.widget._repr_mimebundle_(**options) or {}
        return {**bundle, "text/plain": "<Shop floor>", "text/html": snapshot(self.widget)}
