"""The stage of lesson 12: the events of a day, and their wording in a verdict."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import OrderCancelled, OrderConfirmed, Reason

TOPIC = "orders.events"
KEYS = ("1", "4", "0")
"""They fall into partitions 0, 1 and 2 of three."""

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def at(minutes: int, seconds: float = 0.0) -> datetime:
    """So long after noon."""
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def life(order_id: str, when: datetime, letters: str) -> list[Any]:
    """The events of an order placed at `when`. C: created, O: confirmed (OK), X: cancelled."""
    created, _ = messages_of(order_id, "ann", {"MOUSE-001": 1}, when)
    end: dict[str, Any] = {"order_id": order_id, "total": created.total, "at": when}
    kinds = {"C": created, "O": OrderConfirmed(**end), "X": OrderCancelled(reason=Reason.TIMEOUT, **end)}
    return [kinds[letter] for letter in letters]


def clock(when: Any) -> str:
    """For a verdict."""
    return when.isoformat(sep=" ") if isinstance(when, datetime) else f"{when!r:.60}"


def with_a_crash(records: Sequence[Record]) -> Iterator[tuple[Record, bool]]:
    """After eight records the service dies: its state was kept, the offset it had committed is that of the fifth."""
    yield from ((record, False) for record in records[:8])
    yield from ((record, True) for record in records[4:8])
    yield from ((record, False) for record in records[8:])


def figures(state: dict[str, Any]) -> str:
    """For a verdict."""
    windows, late = counted_in(state)
    if not isinstance(windows, dict) or not all(isinstance(start, datetime) for start in windows):
        return f"windows {windows!r:.60}; late {late!r:.20}"
    counts = ", ".join(f"{start:%H:%M}: {events}" for start, events in sorted(windows.items()))
    return f"windows {counts or 'none'}; late {late!r:.20}"


def counted_in(state: dict[str, Any]) -> tuple[Any, Any]:
    return state.get("windows"), state.get("late")
