"""An order, event-sourced: `decide` turns a command into events, `evolve` turns events into the order.

The pair and its names follow Chassaing's Decider pattern (https://thinkbeforecoding.com/post/2021/12/17/functional-event-sourcing-decider).
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import reduce

from ecomkafka.messages import Line, OrderCancelled, OrderConfirmed, OrderCreated, Reason, Value, replace


class Status(StrEnum):
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Order(Value, frozen=True):
    """What the order's events add up to."""

    order_id: str
    customer_id: str
    lines: tuple[Line, ...]
    total: Decimal
    warehouses: tuple[str, ...]
    at: datetime
    status: Status = Status.PENDING
    reason: Reason | None = None


class Place(Value, frozen=True, repr_omit_defaults=True):
    """`lines` are valid (see `domain/basket.py`); `at` is the event time, `deadline` wall-clock time."""

    order_id: str
    customer_id: str
    lines: tuple[Line, ...]
    warehouses: tuple[str, ...]
    at: datetime
    deadline: datetime
    currency: str = "EUR"


class Confirm(Value, frozen=True):
    """Everything is reserved and paid."""


class Cancel(Value, frozen=True):
    reason: Reason


Command = Place | Confirm | Cancel
Event = OrderCreated | OrderConfirmed | OrderCancelled


def decide(order: Order | None, command: Command) -> tuple[Event, ...]:
    """The events that `command` causes: none where it was carried out before or comes too late. Raises nothing."""
    match command:
        case Place() if order is None:
            total = sum((line.amount for line in command.lines), Decimal(0))
            return (
                OrderCreated(
                    order_id=command.order_id,
                    customer_id=command.customer_id,
                    lines=command.lines,
                    total=total,
                    warehouses=command.warehouses,
                    deadline=command.deadline,
                    currency=command.currency,
                    at=command.at,
                ),
            )
        case Confirm() if order and order.status is Status.PENDING:
            return (OrderConfirmed(order_id=order.order_id, total=order.total, at=order.at),)
        case Cancel(reason=reason) if order and order.status is Status.PENDING:
            return (OrderCancelled(order_id=order.order_id, total=order.total, reason=reason, at=order.at),)
        case _:
            return ()


class BrokenHistoryError(ValueError):
    """These events cannot be the life of one order."""


def evolve(order: Order | None, event: Event) -> Order:
    """The order after `event`. Raises BrokenHistoryError on an end without a beginning and on a second, other end."""
    if isinstance(event, OrderCreated):
        return order or Order(
            order_id=event.order_id,
            customer_id=event.customer_id,
            lines=event.lines,
            total=event.total,
            warehouses=event.warehouses,
            at=event.at,
        )
    if order is None:
        raise BrokenHistoryError(f"{event.order_id}: {event.type} comes before ORDER_CREATED")
    status = Status.CONFIRMED if isinstance(event, OrderConfirmed) else Status.CANCELLED
    if order.status not in (Status.PENDING, status):
        raise BrokenHistoryError(f"{event.order_id}: {event.type} comes after the order was {order.status}")
    reason = event.reason if isinstance(event, OrderCancelled) else None
    return replace(order, status=status, reason=reason)


def fold(events: Iterable[Event]) -> Order | None:
    """An order is the fold of its events; a prefix of them is the order as it was then."""
    order: Order | None = None
    return reduce(evolve, events, order)
