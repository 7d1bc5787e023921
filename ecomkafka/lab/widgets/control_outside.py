"""The control room's sliders: how the world outside treats the shop."""

from collections.abc import Callable

from ipywidgets import HTML, HBox, IntSlider, VBox  # type: ignore[import-untyped]

from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.lab.generator import MOST
from ecomkafka.lab.shop import Shop
from ecomkafka.lab.widgets.backstage import backstage
from ecomkafka.lab.widgets.panel import field_error


class Outside:
    """Mail that is refused, payments that are declined, customers. `tell` is told what was set.

    `declines`: whether the shop's ledger decides on payments; other processes have one of their own.
    """

    def __init__(self, shop: Shop, tell: Callable[[str], None], declines: bool) -> None:
        self._shop, self._tell = shop, tell
        self.generator = backstage(shop).generator
        self.mail = _slider("Mail failures %", 100, "Of a hundred mails so many are answered with 451, try again later")
        self.declines = _slider("Payments declined %", 100, "Of a hundred charges so many are declined")
        self.rate = _slider("Orders a second", MOST, "Random orders; what they buy comes again; 0: none")
        self.mail_told, self.declines_told, self.orders_told = HTML(), HTML(), HTML()
        told = (self.mail, self.mail_told), (self.declines, self.declines_told), (self.rate, self.orders_told)
        self.widget = VBox([HBox(pair) for pair in told])
        if (server := shop.mail_server) is not None:
            self.mail.value = round(100 * server.failure_rate)
            self.mail.observe(lambda change: self._refuse_mail(server, change["new"]), "value")
        else:
            self.mail.disabled, self.mail_told.value = True, "This shop was opened with mail=False: it sends no mail."
        if declines:
            self.declines.value = round(100 * shop.ledger.decline_rate)
            self.declines.observe(lambda change: self._decline(change["new"]), "value")
        else:
            self.declines.disabled, self.declines_told.value = (
                True,
                "The order service is another process.",
            )
        self.rate.value = round(self.generator.rate)
        self.rate.observe(lambda change: self._order(change["new"]), "value")

    def refresh(self) -> None:
        rate, placed = self.generator.rate, self.generator.placed
        self.orders_told.value = field_error(self.generator.trouble) or f"{rate:g} a second, {placed} placed"

    def _refuse_mail(self, server: MailServer, percent: int) -> None:
        server.failure_rate = percent / 100
        self._tell(f"📮 {percent} % of the mails are refused.")

    def _decline(self, percent: int) -> None:
        self._shop.ledger.decline_rate = percent / 100
        self._tell(f"💳 {percent} % of the payments are declined.")

    def _order(self, rate: int) -> None:
        self.generator.rate = rate
        self._tell(f"📦 {rate} orders a second." if rate else "📦 No more orders at random.")


def _slider(name: str, most: int, tooltip: str) -> IntSlider:
    """Takes effect when it is let go."""
    return IntSlider(
        description=name, max=most, tooltip=tooltip, continuous_update=False, style={"description_width": "11em"}
    )
