"""Tumbling windows of event time, each with what happened in the shop.

All that comes of an order carries the `at` at which it was placed, so a window is a cohort: its figures are those of
the orders placed in it, whenever they were confirmed, and a replay gives the same windows. When a window closes, and
what is late, is in `domain/windows/closing_and_lateness.py`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ecomkafka.messages import (
    Message,
    NotificationFailed,
    NotificationSent,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    StockEvent,
    Value,
    field,
)

SIZE = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZERO = Decimal(0)


def start_of(at: datetime, size: timedelta = SIZE) -> datetime:
    """The start (UTC) of the window in which `at` lies: windows begin at whole multiples of `size` since 1970."""
    return EPOCH + (at - EPOCH) // size * size


class Shelf(Value, frozen=True, array_like=True, order=True):
    """A warehouse's totals in units after its `version`-th change: the greater of two is the newer."""

    version: int
    on_hand: int
    reserved: int


class Window(Value, frozen=True, tag=True, omit_defaults=True):
    """The figures from `start` up to, not including, `end`; `+` adds up those of two parts of the input, in any order.

    Counts are of events: an order that its client sent twice counts as created twice (`domain/sales.py` counts orders).
    """

    start: datetime
    end: datetime
    closed: bool = False
    """Final: what comes now is late. A sum is closed if every part is."""
    events: int = 0
    created: int = 0
    confirmed: int = 0
    cancelled: int = 0
    revenue_created: Decimal = ZERO
    revenue_confirmed: Decimal = ZERO
    revenue_lost: Decimal = ZERO
    sent: int = 0
    failed: int = 0
    stock: dict[str, Shelf] = field(default_factory=dict)
    """The newest state of each warehouse that changed in this window."""

    @classmethod
    def of(cls, message: Message, size: timedelta = SIZE) -> "Window":
        """The window of one event. Raises TypeError for a message that no window counts."""
        start = start_of(message.at, size)
        return cls(start=start, end=start + size, events=1, **_figures(message))

    def __add__(self, other: "Window") -> "Window":
        return Window(
            start=min(self.start, other.start),
            end=max(self.end, other.end),
            closed=self.closed and other.closed,
            events=self.events + other.events,
            created=self.created + other.created,
            confirmed=self.confirmed + other.confirmed,
            cancelled=self.cancelled + other.cancelled,
            revenue_created=self.revenue_created + other.revenue_created,
            revenue_confirmed=self.revenue_confirmed + other.revenue_confirmed,
            revenue_lost=self.revenue_lost + other.revenue_lost,
            sent=self.sent + other.sent,
            failed=self.failed + other.failed,
            stock=_newest(self.stock, other.stock),
        )

    @property
    def revenue_pending(self) -> Decimal:
        """Of orders that are neither confirmed nor cancelled yet."""
        return self.revenue_created - self.revenue_confirmed - self.revenue_lost

    @property
    def conversion(self) -> float | None:
        """Confirmed of created orders, 0 to 1; None where none was created."""
        return self.confirmed / self.created if self.created else None

    @property
    def success_rate(self) -> float | None:
        """Sent of all notifications that came to an end, 0 to 1; None where none did."""
        ended = self.sent + self.failed
        return self.sent / ended if ended else None

    @property
    def events_per_hour(self) -> float:
        return self.events * 3600 / (self.end - self.start).total_seconds()

    @property
    def on_hand(self) -> int:
        return sum(shelf.on_hand for shelf in self.stock.values())

    @property
    def reserved(self) -> int:
        return sum(shelf.reserved for shelf in self.stock.values())

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


def _newest(ours: dict[str, Shelf], theirs: dict[str, Shelf]) -> dict[str, Shelf]:
    if not theirs:
        return ours
    return ours | {name: max(shelf, ours.get(name, shelf)) for name, shelf in theirs.items()}


def _figures(message: Message) -> Mapping[str, Any]:
    match message:
        case OrderCreated(total=total):
            return {"created": 1, "revenue_created": total}
        case OrderConfirmed(total=total):
            return {"confirmed": 1, "revenue_confirmed": total}
        case OrderCancelled(total=total):
            return {"cancelled": 1, "revenue_lost": total}
        case StockEvent(warehouse_id=warehouse, version=version, on_hand=on_hand, reserved=reserved):
            return {"stock": {warehouse: Shelf(version=version, on_hand=on_hand, reserved=reserved)}}
        case NotificationSent():
            return {"sent": 1}
        case NotificationFailed():
            return {"failed": 1}
        case _:
            raise TypeError(f"{message.type} is counted in no window: order, stock and notification events are")
