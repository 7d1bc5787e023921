"""A trace of the model checker on the real broker: what the order service was given, in the same sequence."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import group_of, lags
from ecomkafka.clients.reader import read
from ecomkafka.clock import ManualClock
from ecomkafka.engine.producer_record import Sender
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import InsufficientStock, Message, Reason, Released, Reserved, RollbackRequested, Shortage
from ecomkafka.model_checking.log import Kind
from ecomkafka.model_checking.trace import Trace
from ecomkafka.services.order import DEADLINE
from ecomkafka.waiting import until

PRODUCTS = {"WH-BERLIN": "LAPTOP-001", "WH-LONDON": "MOUSE-001", "WH-ROME": "HEADSET-001"}
CARDS = {True: "ann", False: "declined-ann"}
SECONDS = 60.0


def given(trace: Trace, order_id: str, at: datetime) -> Iterator[Message | None]:
    """The records that reach the order service, in the trace's sequence; None where the deadline passes.

    The payment gateway answers for itself, and the warehouses' answers are those of the trace.
    """
    names = list(PRODUCTS)[: trace.bounds.warehouses]
    created, _ = messages_of(order_id, CARDS[trace.beginning.approves], {PRODUCTS[name]: 1 for name in names}, at)
    for move in trace.moves:
        if move.kind is not Kind.DELIVER:
            continue
        where: dict[str, Any] = {"order_id": order_id, "warehouse_id": move.warehouse, "at": at}
        match move.what:
            case "ORDER_CREATED":
                yield created
            case "RESERVED":
                yield Reserved(**where)
            case "RELEASED":
                yield Released(**where)
            case "INSUFFICIENT_STOCK":
                short = Shortage(product_id=PRODUCTS[move.warehouse], requested=1, available=0)
                yield InsufficientStock(shortages=(short,), **where)
            case "ROLLBACK_REQUESTED ROLLED_BACK" | "ROLLBACK_REQUESTED CUSTOMER_REQUEST":
                yield RollbackRequested(order_id=order_id, reason=Reason(move.what.split()[1]), at=at)
            case "DeadlinePassed":
                yield None


def replay(cluster: Cluster, clock: ManualClock, trace: Trace, order_id: str) -> list[str]:
    """Write each record when the one before was handled, by an order service that runs with `clock`.

    Returns the types of the order's events. Raises TimeoutError if the service does not keep up.
    """
    with closing(Sender(cluster, f"replay-{order_id}")) as sender:
        for message in given(trace, order_id, clock.now()):
            if message is None:
                clock.advance(seconds=DEADLINE.total_seconds() + 1)
            else:
                sender.send([message])
            until(lambda: not _unread(cluster), SECONDS, f"the order service to handle {message}")
    return [record.message.type for record in read(cluster, "orders.events") if record.message.order_id == order_id]


def _unread(cluster: Cluster) -> int:
    return sum(lag.lag for lag in lags(cluster) if lag.group == group_of("order"))
