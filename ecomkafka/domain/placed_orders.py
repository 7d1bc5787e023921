"""The orders that were placed: what one is, so that a repeated id is a retry, or an error."""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from ecomkafka.domain.used_ids import MAX_IDS, UsedIds
from ecomkafka.messages import OrderCreated


class OtherOrderError(ValueError):
    """The order's id belongs to another order."""


class Content(NamedTuple):
    """What an order is, as both the log and the read model have it; the total stands for the discounts."""

    customer_id: str
    total: Decimal
    lines: tuple[tuple[str, int, Decimal], ...]
    """Product, quantity and price."""


class History(Protocol):
    """All orders that are in the log, whoever has placed them."""

    def newest(self, count: int) -> Sequence[str]:
        """The ids of the newest orders, the newest last."""

    def contents(self, order_ids: Sequence[str]) -> Mapping[str, Content]: ...


def content_of(order: OrderCreated) -> Content:
    lines = tuple((line.product_id, line.quantity, line.price) for line in order.lines)
    return Content(order.customer_id, order.total, lines)


class Placed(UsedIds):
    """The orders that a client has placed."""

    error = OtherOrderError
    sentence = (
        "order_id {!r:.80} belongs to another order already: repeat that one as it was, or leave the id out to get a "
        "new one"
    )

    def __init__(self) -> None:
        super().__init__()
        self._recalled = False

    def in_log(self, orders: Sequence[OrderCreated], earlier: Callable[[], History | None]) -> Collection[str]:
        """The ids of those that are in the log already: a saga that has forgotten one would start over if it came
        again. Raises OtherOrderError if the log has another order under an id.
        """
        if not orders or (history := earlier()) is None:
            return ()
        if not self._recalled:
            self.recall(history.newest(MAX_IDS))
            self._recalled = True
        repeated = [order.order_id for order in orders if order.order_id in self]
        there = history.contents(repeated) if repeated else {}
        for order in orders:
            if order.order_id in there and there[order.order_id] != content_of(order):
                raise self.refusal(order.order_id)
        return there.keys()
