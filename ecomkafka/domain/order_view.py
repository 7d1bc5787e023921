"""The read model's row of an order: a pure fold over its events, idempotent."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ecomkafka.messages import OrderCancelled, OrderConfirmed, OrderCreated, OrderEvent

PENDING, CONFIRMED, CANCELLED = "PENDING", "CONFIRMED", "CANCELLED"


class OrderRow(NamedTuple):
    """One order. Until its ORDER_CREATED was seen `customer_id` is None and `line_count` 0."""

    order_id: str
    customer_id: str | None
    status: str
    reason: str | None
    total: Decimal
    line_count: int
    created_at: datetime


def evolve(row: OrderRow | None, event: OrderEvent) -> OrderRow:
    """The row after `event`. The first ORDER_CREATED and the first end count; a repetition changes nothing."""
    if row is None:
        # An end without its beginning (retention took it) is still the order's end; `at` is when the order was placed.
        row = OrderRow(
            event.order_id, customer_id=None, status=PENDING, reason=None, total=event.total, line_count=0,
            created_at=event.at,
        )  # fmt: skip
    match event:
        case OrderCreated() if row.customer_id is None:
            return row._replace(customer_id=event.customer_id, line_count=len(event.lines))
        case OrderConfirmed() if row.status == PENDING:
            return row._replace(status=CONFIRMED)
        case OrderCancelled() if row.status == PENDING:
            return row._replace(status=CANCELLED, reason=str(event.reason))
    return row
