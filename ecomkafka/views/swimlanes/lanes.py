"""The rows of a swim-lane: for each record its producer, its consumers, and its transaction."""

from collections.abc import Sequence

import pandas as pd

from ecomkafka import messages as m
from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.flow import DEAD_LETTERS, HOPS, RETRY_TOPICS
from ecomkafka.shop.trace import story
from ecomkafka.views.swimlanes.transactions import transactions

CLIENT, READ_MODEL, OPERATOR = "client", "read model", "operator"

LANES = (CLIENT, "order", "inventory", "notification", "analytics", READ_MODEL, OPERATOR)
"""From left to right. The operator is who sends dead letters again."""

COMPENSATION = (m.Release, m.Released, m.StockReleased)

COLUMNS = (
    "step", "transaction", "from", "to", "type", "kind", "warehouse", "attempt",
    "topic", "partition", "offset", "key", "caused by", "ms", "payment",
)  # fmt: skip

ENDS = (m.OrderConfirmed, m.OrderCancelled)


def rows(cluster: Cluster, order_id: str, payment: str = "") -> pd.DataFrame:
    """The order's records as a table (see `table_of`). Raises LookupError if no record of it is there."""
    records = story(cluster, order_id)
    if not records:
        raise LookupError(f"no record of order {order_id!r} in namespace {cluster.namespace!r}")
    return table_of(records, payment)


def table_of(records: Sequence[Record], payment: str = "") -> pd.DataFrame:
    """One row per record, causes before effects; those of one transaction together.

    `from` is the service that wrote the record, `to` those whose wiring (`flow.py`) makes them read it. `kind` is
    "forward", "compensation", "retry" or "dead letter", `warehouse` the one that it is about ("": none). Transactions
    are numbered from 1. `ms` are those since the first record. `payment` is the state of the order's charge, in the row
    of the order's end: the order service asked for it before it wrote this record.
    """
    start = min(record.timestamp for record in records)
    table: list[tuple[object, ...]] = []
    for number, group in enumerate(transactions(records), start=1):
        for record in group:
            paid = payment if isinstance(record.message, ENDS) else ""
            table.append((len(table) + 1, number, *_row(record), record.timestamp - start, paid))
    return pd.DataFrame(table, columns=list(COLUMNS))


def _row(record: Record) -> tuple[object, ...]:
    writer = writer_of(record)
    return (
        writer, ", ".join(readers_of(record.topic, writer)), record.message.type if record.message else "?",
        _kind(record), _warehouse(record), record.attempt, record.topic, record.partition, record.offset,
        (record.key or b"").decode("utf-8", "replace"), record.header("causation") or "",
    )  # fmt: skip


def writer_of(record: Record) -> str:
    """Who wrote this record: the service that writes its topic, the client that placed the order, or the operator."""
    cause = record.header("causation") or ""
    if record.topic == "notifications.requests" and cause.startswith(f"{DEAD_LETTERS}:"):
        return OPERATOR
    if not cause and isinstance(record.message, m.OrderCreated | m.Reserve):
        return CLIENT
    return next((hop.service for hop in HOPS.values() if record.topic in hop.writes), CLIENT)


def readers_of(topic: str, writer: str = "") -> list[str]:
    """The services that read `topic`, in the order of the lanes; `writer` only if it is the only one."""
    readers = {hop.service for hop in HOPS.values() if topic in hop.reads}
    if topic == "orders.events":
        readers.add(READ_MODEL)
    others = readers - {writer} or readers
    return [lane for lane in LANES if lane in others]


def _kind(record: Record) -> str:
    if isinstance(record.message, COMPENSATION):
        return "compensation"
    if record.topic in RETRY_TOPICS:
        return "retry"
    return "dead letter" if record.topic == DEAD_LETTERS else "forward"


def _warehouse(record: Record) -> str:
    return str(getattr(record.message, "warehouse_id", ""))
