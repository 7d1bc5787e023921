"""The control room's sliders: how the world outside treats the shop."""

from collections.abc import Callable
from functools import partial

from ipywidgets import HTML, BoundedIntText, HBox, IntSlider, Layout, VBox, link  # type: ignore[import-untyped]

from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.shop import Shop
from ecomkafka.shop.load_generator import MAX_RATE
from ecomkafka.widgets.drawing.markup import field_error
from ecomkafka.widgets.shared_resources import shared_resources


class Dial:
    """A number from 0 to `most`, by slider or by keyboard: a slider of ipywidgets has no name for screen readers."""

    def __init__(self, name: str, most: int, tooltip: str) -> None:
        self.field = BoundedIntText(
            description=name,
            max=most,
            tooltip=tooltip,
            style={"description_width": "12em"},
            layout=Layout(width="18em"),
        )
        self.slider = IntSlider(max=most, tooltip=tooltip, readout=False, continuous_update=False)
        self._linked = link((self.field, "value"), (self.slider, "value"))
        self.told = HTML()
        self.widget = HBox([self.field, self.slider, self.told])

    @property
    def value(self) -> int:
        return int(self.field.value)

    @value.setter
    def value(self, value: int) -> None:
        self.field.value = value

    def start(self, value: float, then: Callable[[int], None]) -> None:
        """From now on each new number is for `then`."""
        self.value = round(value)
        self.field.observe(lambda change: then(change["new"]), "value")

    def set_aside(self, why: str) -> None:
        self.field.disabled = self.slider.disabled = True
        self.told.value = why


class Outside:
    """Mail that is refused, payments that are declined, customers. `show_status` is told what was set.

    `declines`: whether the shop's ledger decides on payments; other processes have one of their own.
    """

    def __init__(self, shop: Shop, show_status: Callable[[str], None], declines: bool) -> None:
        self._shop, self._show_status = shop, show_status
        self.generator = shared_resources(shop).generator
        self.mail = Dial("Mail failures %", 100, "Of a hundred mails so many are answered with 451, try again later")
        self.declines = Dial("Payments declined %", 100, "Of a hundred charges so many are declined")
        self.rate = Dial("Orders a second", MAX_RATE, "Random orders; what they buy comes again; 0: none")
        self.widget = VBox([dial.widget for dial in (self.mail, self.declines, self.rate)])
        if (server := shop.mail_server) is not None:
            self.mail.start(100 * server.failure_rate, partial(self._refuse_mail, server))
        else:
            self.mail.set_aside("This shop was opened with mail=False: it sends no mail.")
        if declines:
            self.declines.start(100 * shop.ledger.decline_rate, self._decline)
        else:
            self.declines.set_aside("The order service is another process.")
        self.rate.start(self.generator.rate, self._order)

    def refresh(self) -> None:
        rate, placed = self.generator.rate, self.generator.placed
        self.rate.told.value = field_error(self.generator.trouble) or f"{rate:g} a second, {placed} placed"

    def _refuse_mail(self, server: MailServer, percent: int) -> None:
        server.failure_rate = percent / 100
        self._show_status(f"📮 {percent} % of the mails are refused.")

    def _decline(self, percent: int) -> None:
        self._shop.ledger.decline_rate = percent / 100
        self._show_status(f"💳 {percent} % of the payments are declined.")

    def _order(self, rate: int) -> None:
        self.generator.rate = rate
        self._show_status(f"📦 {rate} orders a second." if rate else "📦 No more orders at random.")
