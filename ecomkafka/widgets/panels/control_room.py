"""The control room: the services at work, crashes at chosen points, more and fewer instances."""

import html
import time
from collections.abc import Callable
from contextlib import ExitStack

from ipywidgets import HTML, Button, Dropdown, HBox  # type: ignore[import-untyped]

from ecomkafka.broker import Broker
from ecomkafka.engine.worker import Worker
from ecomkafka.faults import POINTS
from ecomkafka.shop import Shop
from ecomkafka.shop.instances import Staff, points_of
from ecomkafka.widgets.drawing.control_services import Lags, Speeds, told
from ecomkafka.widgets.panel_frame import Panel, Work
from ecomkafka.widgets.panels.control_broker import BrokerControls
from ecomkafka.widgets.panels.control_outside import Outside


class ControlRoom(Panel):
    """`broker`: the shop's own, if it has one; only that may be paused and killed here."""

    title = "Control room"

    def __init__(self, shop: Shop, broker: Broker | None = None) -> None:
        self.broker = BrokerControls(shop, broker)
        self.staff = Staff(shop)
        self._lags, self._speeds = Lags(shop.cluster), Speeds()
        self.services = HTML()
        self.instance = Dropdown(description="Instance", tooltip="Which one shall crash or be restarted")
        self.point = Dropdown(options=POINTS, value="after_produce", description="Dies at", tooltip="Where it crashes")
        self.crash = Button(description="Crash", button_style="danger", tooltip="It dies with its next record")
        self.restart = Button(description="Restart", tooltip="A new life under the same name")
        self.add = Button(description="Add instance", tooltip="One more instance of the chosen one's service")
        self.remove = Button(description="Remove", tooltip="The instance of this service that was added last leaves")
        self.outside = Outside(shop, self.show_status, declines=bool(self.staff.instances))
        super().__init__(
            shop,
            self.services,
            HBox([self.instance, self.point, self.crash]),
            HBox([self.restart, self.add, self.remove]),
            self.outside.widget,
            self.broker.widget,
        )
        self._shared.on_close(self.staff.close)
        self._wire()
        self.start()

    def _wire(self) -> None:
        self.instance.observe(lambda change: self._with_chosen(self._list_points), "value")
        self.crash.on_click(lambda button: self._with_chosen(self._crash))
        self.restart.on_click(lambda button: self._with_chosen(self._restart))
        self.add.on_click(lambda button: self._with_chosen(self._add))
        self.remove.on_click(lambda button: self._with_chosen(self._remove))
        if not self.staff.instances:
            for control in (self.instance, self.point, self.crash, self.restart, self.add, self.remove):
                control.disabled = True

    def refresh(self) -> None:
        if workers := self.staff.instances:
            _offer(self.instance, tuple(worker.identity for worker in workers))
            self.services.value = told(workers, self._lags, self._speeds)
        else:
            self.services.value = html.escape(f"Processes, out of this room's reach: {self.shop.health()}")
        self.outside.refresh()
        if time.monotonic() > self._lags.due_at:
            self._lags.due_at = float("inf")
            if not self.act(self._lags.ask):
                self._lags.due_at = 0.0
        self._lags.check()

    def close(self) -> None:
        """No more orders at random, and no broker frozen. Instances that were added stay until the shop closes."""
        with ExitStack() as closing:
            closing.callback(super().close)
            closing.callback(self.broker.close)
            self.outside.generator.rate = 0

    def _with_chosen(self, then: Callable[[Worker], None]) -> None:
        """One that has just left can be chosen for a moment still."""
        for worker in self.staff.instances:
            if worker.identity == self.instance.value:
                return then(worker)
        self.show_status("⚠️ Choose an instance first: the one that was chosen has left.")

    def _list_points(self, worker: Worker) -> None:
        _offer(self.point, points_of(worker.name))
        self.point.value = self.point.value or self.point.options[0]

    def _crash(self, worker: Worker) -> None:
        point = self.point.value
        try:
            self.staff.crash(worker, point)
            self.show_status(f"💣 {worker.identity} dies at {point} with its next record.")
        except ValueError as error:
            self.show_status(f"⚠️ {error}")
        self._shared.ticker.kick()

    def _restart(self, worker: Worker) -> None:
        def work() -> str:
            self.staff.restart(worker)
            return f"{worker.identity} runs again."

        self._begin(f"{worker.identity} starts again", work)

    def _add(self, worker: Worker) -> None:
        service = worker.name
        self._begin(f"one more instance of {service} starts", lambda: f"{self.staff.add(service).identity} is at work.")

    def _remove(self, worker: Worker) -> None:
        service = worker.name
        self._begin(f"an instance of {service} leaves", lambda: f"{self.staff.remove(service).identity} has left.")

    def _begin(self, what: str, work: Work) -> None:
        self.show_status(f"⏳ {what} …")
        self.act(work)


def _offer(choice: Dropdown, options: tuple[str, ...]) -> None:
    """Change what can be chosen; what is chosen is kept, and if it is gone nothing is chosen in its place."""
    chosen = choice.value
    if choice.options != options:
        choice.options = options
        choice.value = options[0] if chosen is None else chosen if chosen in options else None
