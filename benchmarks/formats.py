"""What a message costs as JSON, Avro and Protobuf: bytes, and microseconds to write and to read it. No broker is asked.

One order's messages, each once; of several rounds the median, so that a busy moment does not count.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from statistics import median
from time import process_time
from typing import Any

from benchmarks.targets import Found, grid
from ecomkafka.broker import Broker
from ecomkafka.formats.choice import FORMATS
from ecomkafka.formats.message_format import MessageFormat
from ecomkafka.messages import (
    Item,
    Kind,
    Level,
    Line,
    Message,
    NotificationSent,
    OrderConfirmed,
    OrderCreated,
    Reserve,
    Reserved,
    SendNotification,
    StockReserved,
)

QUICK: dict[str, Any] = {"times": 20, "rounds": 1}
_AT = datetime(2026, 3, 4, 9, 30, 15, 123_000, tzinfo=UTC)
_ORDER, _TOTAL = "order-7f3a9c2e5b1d", Decimal("2599.97")

MESSAGES: tuple[Message, ...] = (
    OrderCreated(
        at=_AT,
        order_id=_ORDER,
        total=_TOTAL,
        customer_id="customer-123",
        lines=(
            Line(product_id="LAPTOP-001", quantity=2, price=Decimal("1299.99")),
            Line(product_id="MOUSE-001", quantity=1, price=Decimal("29.99"), discount=Decimal("30.00")),
        ),
        warehouses=("main",),
        deadline=_AT + timedelta(seconds=30),
    ),
    Reserve(
        at=_AT,
        order_id=_ORDER,
        warehouse_id="main",
        items=(Item(product_id="LAPTOP-001", quantity=2), Item(product_id="MOUSE-001", quantity=1)),
    ),
    StockReserved(
        at=_AT,
        warehouse_id="main",
        version=4_711,
        levels=(
            Level(product_id="LAPTOP-001", on_hand=50, reserved=4),
            Level(product_id="MOUSE-001", on_hand=200, reserved=9),
        ),
        on_hand=250,
        reserved=13,
        order_id=_ORDER,
    ),
    Reserved(at=_AT, order_id=_ORDER, warehouse_id="main"),
    OrderConfirmed(at=_AT, order_id=_ORDER, total=_TOTAL),
    SendNotification(
        at=_AT,
        notification_id=f"{_ORDER}:ORDER_CONFIRMED",
        order_id=_ORDER,
        customer_id="customer-123",
        kind=Kind.ORDER_CONFIRMED,
        total=_TOTAL,
    ),
    NotificationSent(at=_AT, notification_id=f"{_ORDER}:ORDER_CONFIRMED", order_id=_ORDER, attempt=1),
)


def run(_broker: Broker, times: int = 2_000, rounds: int = 5) -> dict[str, Any]:
    """By message and format: bytes, and microseconds of CPU to write and to read one."""
    return {"messages": [_measured(message, times, rounds) for message in MESSAGES]}


def _measured(message: Message, times: int, rounds: int) -> dict[str, Any]:
    found = {name: _of(form, message, times, rounds) for name, form in FORMATS.items()}
    return {"message": type(message).__name__, "formats": found}


def _of(form: MessageFormat, message: Message, times: int, rounds: int) -> dict[str, float]:
    value, schema = form.encode(message), form.schema(type(message))
    if form.decode(value, schema) != message:
        raise RuntimeError(f"{form.name} has not given back {message}")
    return {
        "bytes": len(value),
        "write_us": _micros(partial(form.encode, message), times, rounds),
        "read_us": _micros(partial(form.decode, value, schema), times, rounds),
    }


def _micros(call: Callable[[], object], times: int, rounds: int) -> float:
    def once() -> float:
        begin = process_time()
        for _ in range(times):
            call()
        return 1e6 * (process_time() - begin) / times

    return median(once() for _ in range(rounds))


def shown(found: Found) -> str:
    """The table: in each field bytes, then µs to write / to read."""
    rows = found["formats"]["messages"]
    names = list(rows[0]["formats"])
    heads = ("message", *(f"{name}: bytes, µs out / in" for name in names))
    return grid(heads, ((row["message"], *(_cell(row["formats"][name]) for name in names)) for row in rows))


def _cell(figures: dict[str, float]) -> str:
    return f"{figures['bytes']:.0f}, {figures['write_us']:.1f} / {figures['read_us']:.1f}"
