"""The control room: the services at work, crashes at chosen points, more and fewer instances, the world outside."""

import time
from contextlib import ExitStack

from ipywidgets import HTML, Button, Dropdown, HBox, IntSlider  # type: ignore[import-untyped]

from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.lab.faults import POINTS
from ecomkafka.lab.generator import MOST, OrderGenerator
from ecomkafka.lab.shop import Shop
from ecomkafka.lab.staffing import Staff, points_of
from ecomkafka.lab.widgets.control_broker import BrokerControls
from ecomkafka.lab.widgets.control_services import Lags, Speeds, told
from ecomkafka.lab.widgets.panel import Panel, Work, field_error
from ecomkafka.runtime.broker import Broker
from ecomkafka.runtime.worker import Worker


class ControlRoom(Panel):
    """`broker`: the shop's own, if it has one; only that may be paused and killed here."""

    title = "Control room"

    def __init__(self, shop: Shop, broker: Broker | None = None) -> None:
        self.broker = BrokerControls(shop, broker)
        self.staff, self.generator = Staff(shop), OrderGenerator(shop)
        self._lags, self._speeds = Lags(shop.cluster), Speeds()
        self.services = HTML()
        self.instance = Dropdown(description="Instance", tooltip="Which one shall crash or be restarted")
        self.point = Dropdown(options=POINTS, value="after_produce", description="Dies at", tooltip="Where it crashes")
        self.crash = Button(description="Crash", button_style="danger", tooltip="It dies with its next record")
        self.restart = Button(description="Restart", tooltip="A new life under the same name")
        self.add = Button(description="Add instance", tooltip="One more instance of the chosen one's service")
        self.remove = Button(description="Remove", tooltip="The instance of this service that was added last leaves")
        self.mail = _slider("Mail failures %", 100, "Of a hundred mails so many are answered with 451, try again later")
        self.declines = _slider("Payments declined %", 100, "Of a hundred charges so many are declined")
        self.rate = _slider("Orders a second", MOST, "Random orders; their goods come again; 0: none")
        self.mail_told, self.declines_told, self.orders_told = HTML(), HTML(), HTML()
        super().__init__(
            shop,
            self.services,
            HBox([self.instance, self.point, self.crash]),
            HBox([self.restart, self.add, self.remove]),
            HBox([self.mail, self.mail_told]),
            HBox([self.declines, self.declines_told]),
            HBox([self.rate, self.orders_told]),
            self.broker.widget,
        )
        self._backstage.on_close(self.staff.close)
        self._wire()
        self.start()

    def _wire(self) -> None:
        self.instance.observe(lambda change: self._list_points(), "value")
        self.crash.on_click(lambda button: self._crash())
        self.restart.on_click(lambda button: self._restart())
        self.add.on_click(lambda button: self._add())
        self.remove.on_click(lambda button: self._remove())
        if (server := self.shop.mail_server) is not None:
            self.mail.value = round(100 * server.failure_rate)
            self.mail.observe(lambda change: self._refuse_mail(server, change["new"]), "value")
        else:
            self.mail.disabled, self.mail_told.value = True, "This shop was opened with mail=False: it sends no mail."
        self.declines.value = round(100 * self.shop.ledger.decline_rate)
        self.declines.observe(lambda change: self._decline(change["new"]), "value")
        self.rate.observe(lambda change: self._order(change["new"]), "value")
        if not self.staff.instances:
            for control in (self.declines, self.instance, self.point, self.crash, self.restart, self.add, self.remove):
                control.disabled = True
            self.services.value = "The services are processes of their own: they can't be seen or changed from here."

    def refresh(self) -> None:
        if workers := self.staff.instances:
            _offer(self.instance, tuple(worker.identity for worker in workers))
            self.services.value = told(workers, self._lags, self._speeds)
        self.orders_told.value = field_error(self.generator.trouble) or f"{self.generator.placed} placed"
        if time.monotonic() > self._lags.due_at:
            self._lags.due_at = float("inf")
            if not self.act(self._lags.ask):
                self._lags.due_at = 0.0
        self._lags.check()

    def close(self) -> None:
        """No more orders at random, and no broker frozen. Instances that were added stay until the shop closes."""
        with ExitStack() as closing:
            for close in (super().close, self.generator.stop, self.broker.close):
                closing.callback(close)

    @property
    def _chosen(self) -> Worker:
        return next(worker for worker in self.staff.instances if worker.identity == self.instance.value)

    def _list_points(self) -> None:
        if self.instance.value is not None:
            _offer(self.point, points_of(self._chosen.name))

    def _crash(self) -> None:
        worker, point = self._chosen, self.point.value
        try:
            self.staff.crash(worker, point)
            self.tell(f"💣 {worker.identity} dies at {point} with its next record.")
        except ValueError as error:
            self.tell(f"⚠️ {error}")
        self._backstage.ticker.kick()

    def _restart(self) -> None:
        worker = self._chosen

        def work() -> str:
            self.staff.restart(worker)
            return f"{worker.identity} runs again."

        self._begin(f"{worker.identity} starts again", work)

    def _add(self) -> None:
        service = self._chosen.name
        self._begin(f"one more instance of {service} starts", lambda: f"{self.staff.add(service).identity} is at work.")

    def _remove(self) -> None:
        service = self._chosen.name
        self._begin(f"an instance of {service} leaves", lambda: f"{self.staff.remove(service).identity} has left.")

    def _begin(self, what: str, work: Work) -> None:
        self.tell(f"⏳ {what} …")
        self.act(work)

    def _refuse_mail(self, server: MailServer, percent: int) -> None:
        server.failure_rate = percent / 100
        self.tell(f"📮 {percent} % of the mails are refused.")

    def _decline(self, percent: int) -> None:
        self.shop.ledger.decline_rate = percent / 100
        self.tell(f"💳 {percent} % of the payments are declined.")

    def _order(self, rate: int) -> None:
        self.generator.rate = rate
        self.tell(f"📦 {rate} orders a second." if rate else "📦 No more orders at random.")


def _slider(name: str, most: int, tooltip: str) -> IntSlider:
    """Takes effect when it is let go."""
    return IntSlider(
        description=name, max=most, tooltip=tooltip, continuous_update=False, style={"description_width": "11em"}
    )


def _offer(choice: Dropdown, options: tuple[str, ...]) -> None:
    """Change what can be chosen, and keep what is chosen if it is still there."""
    chosen = choice.value
    if choice.options != options:
        choice.options = options
        if chosen in options:
            choice.value = chosen
