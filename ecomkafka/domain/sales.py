"""Sales figures: a fold over the events of the orders."""

from collections.abc import Iterable
from decimal import Decimal

from ecomkafka.messages import OrderCancelled, OrderConfirmed, OrderCreated, OrderEvent, Reason, Value, exactly

ZERO = Decimal(0)


class Sold(Value, frozen=True):
    """What was sold of one product in confirmed orders."""

    product_id: str
    units: int
    revenue: Decimal


class Sales(Value, frozen=True):
    """Orders, each once, however often its events were sent; money in the catalogue's currency."""

    created: int
    confirmed: int
    cancelled: dict[Reason, int]
    """By reason; a reason that no order has is left out."""
    lines: int
    units: int
    """Lines and units of all created orders."""
    revenue_confirmed: Decimal
    revenue_pending: Decimal
    revenue_lost: Decimal
    best_sellers: tuple[Sold, ...]
    """Every product sold: most units first, then most revenue, then by id."""
    unknown: int
    """Orders left out of all else: their end is there, but ORDER_CREATED is not (any more)."""

    @property
    def conversion(self) -> float | None:
        """Confirmed of created orders, 0 to 1; None where none was created."""
        return self.confirmed / self.created if self.created else None


@exactly()
def sales(events: Iterable[OrderEvent]) -> Sales:
    """The figures of `events`: an order's may come in any order and more than once; of two ends the first counts."""
    created: dict[str, OrderCreated] = {}
    ended: dict[str, OrderConfirmed | OrderCancelled] = {}
    for event in events:
        if isinstance(event, OrderCreated):
            created.setdefault(event.order_id, event)
        elif isinstance(event, OrderConfirmed | OrderCancelled):
            ended.setdefault(event.order_id, event)
    confirmed = [created[key] for key, end in ended.items() if key in created and isinstance(end, OrderConfirmed)]
    cancelled = [end for key, end in ended.items() if key in created and isinstance(end, OrderCancelled)]
    reasons = [end.reason for end in cancelled]
    new = {reason for reason in reasons if not reason.is_known}
    return Sales(
        created=len(created),
        confirmed=len(confirmed),
        cancelled={reason: reasons.count(reason) for reason in (*Reason, *sorted(new)) if reason in reasons},
        lines=sum(len(order.lines) for order in created.values()),
        units=sum(line.quantity for order in created.values() for line in order.lines),
        revenue_confirmed=_total(confirmed),
        revenue_pending=_total(order for key, order in created.items() if key not in ended),
        revenue_lost=_total(cancelled),
        best_sellers=_best_sellers(confirmed),
        unknown=len(ended.keys() - created.keys()),
    )


def _total(orders: Iterable[OrderEvent]) -> Decimal:
    return sum((order.total for order in orders), ZERO)


def _best_sellers(orders: Iterable[OrderCreated]) -> tuple[Sold, ...]:
    units: dict[str, int] = {}
    revenue: dict[str, Decimal] = {}
    for order in orders:
        for line in order.lines:
            units[line.product_id] = units.get(line.product_id, 0) + line.quantity
            revenue[line.product_id] = revenue.get(line.product_id, ZERO) + line.amount
    sold = (Sold(product_id=name, units=units[name], revenue=revenue[name]) for name in units)
    return tuple(sorted(sold, key=lambda product: (-product.units, -product.revenue, product.product_id)))
