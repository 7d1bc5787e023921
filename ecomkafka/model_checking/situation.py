"""A world as a property sees it: what the rule knows, what each warehouse holds, and whether anything is on its way."""

from typing import Any, NamedTuple

from ecomkafka.domain.payment_states import Payment
from ecomkafka.domain.stock import State
from ecomkafka.model_checking.places import Office


class Standing(NamedTuple):
    """One place: what became of the order's goods there, and the messages on their way to it or from it."""

    goods: State | None
    in_flight: tuple[str, ...]


class Situation(NamedTuple):
    """`quiet`: nothing is on its way any more, but a deadline or a wish to roll back that may come some day."""

    state: Any
    office: Office
    warehouses: tuple[Standing, ...]
    quiet: bool

    @property
    def ended(self) -> bool:
        return bool(self.office.ends)

    @property
    def confirmed(self) -> bool:
        return any(end == "CONFIRMED" for end, _ in self.office.ends)

    @property
    def cancelled(self) -> bool:
        return any(end == "CANCELLED" for end, _ in self.office.ends)

    @property
    def paid(self) -> bool:
        return self.office.payment is Payment.APPROVED

    @property
    def goods(self) -> set[State | None]:
        """What became of the goods, in all warehouses."""
        return {each.goods for each in self.warehouses}
