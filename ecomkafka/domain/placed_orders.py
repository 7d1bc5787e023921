"""The orders that were placed: what one is, so that a repeated id is a retry, or an error."""

from decimal import Decimal
from typing import NamedTuple

from ecomkafka.domain.used_ids import UsedIds
from ecomkafka.messages import OrderCreated


class OtherOrderError(ValueError):
    """The order's id belongs to another order."""


class Placed(UsedIds):
    """The orders that a client has placed."""

    error = OtherOrderError
    sentence = (
        "order_id {!r:.80} belongs to another order already: repeat that one as it was, or leave the id out to get a "
        "new one"
    )


class Content(NamedTuple):
    """What an order is, as both the log and the read model have it; the total stands for the discounts."""

    customer_id: str
    total: Decimal
    lines: tuple[tuple[str, int, Decimal], ...]
    """Product, quantity and price."""


def content_of(order: OrderCreated) -> Content:
    lines = tuple((line.product_id, line.quantity, line.price) for line in order.lines)
    return Content(order.customer_id, order.total, lines)
