"""The rows of a swim-lane: for each record its producer, its consumers, and its transaction."""

from collections.abc import Sequence

import pandas as pd

from ecomkafka import messages as m
from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.flow import DEAD_LETTERS, HOPS, RETRY_TOPICS
from ecomkafka.shop.trace import story

CLIENT, READ_MODEL, OPERATOR = "client", "read model", "operator"

LANES = (CLIENT, "order", "inventory", "notification", "analytics", READ_MODEL, OPERATOR)
"""From left to right. The operator is who sends dead letters again."""

COMPENSATION = (m.Release, m.Released, m.StockReleased)

COLUMNS = (
    "step", "transaction", "from", "to", "type", "kind", "warehouse", "attempt",
    "topic", "partition", "offset", "key", "caused by", "ms",
)  # fmt: skip


def rows(cluster: Cluster, order_id: str) -> pd.DataFrame:
    """The order's story as `told`. Raises LookupError if no record of it is there."""
    records = story(cluster, order_id)
    if not records:
        raise LookupError(f"no record of order {order_id!r} in namespace {cluster.namespace!r}")
    return told(records)


def told(records: Sequence[Record]) -> pd.DataFrame:
    """One row a record, causes before effects; those of one transaction together.

    `from` is the service that wrote it, `to` those whose wiring (`flow.py`) makes them read it, `kind` is "forward",
    "compensation", "retry" or "dead letter", `warehouse` that which it is about ("": none). What one record caused is
    one `transaction`, numbered from 1 (a service may have put several such into one). `ms` since the first.
    """
    start = min(record.timestamp for record in records)
    table: list[tuple[object, ...]] = []
    for number, group in enumerate(_transactions(records), start=1):
        for record in group:
            table.append((len(table) + 1, number, *_row(record), record.timestamp - start))
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


def _transactions(records: Sequence[Record]) -> list[list[Record]]:
    """The records by their cause, the groups in the order of their causes; what nothing caused comes by its writer."""
    groups: dict[tuple[str, str, int], list[Record]] = {}
    seen: dict[tuple[str, str, bytes | None], int] = {}
    answered = _answered(records)
    for record in records:
        cause, writer = record.header("causation") or "", writer_of(record)
        again = 0
        if not cause:  # the same twice from a client is a second try, and a transaction of its own
            same = (writer, record.topic, record.key)
            seen[same] = seen.get(same, 0) + 1
            again = seen[same] + (answered.get(writer, record.timestamp) < record.timestamp)
        groups.setdefault((cause, writer, again), []).append(record)
    return _in_order(list(groups.values()))


def _answered(records: Sequence[Record]) -> dict[str, int]:
    """When the first record was written that one of this writer's, begun by nothing, has caused: what the writer writes
    after that is another transaction, for what is not committed yet causes nothing.
    """
    begun = {str(record.position): writer_of(record) for record in records if not record.header("causation")}
    times: dict[str, int] = {}
    for record in records:
        if writer := begun.get(record.header("causation") or ""):
            times[writer] = min(times.get(writer, record.timestamp), record.timestamp)
    return times


def _in_order(groups: list[list[Record]]) -> list[list[Record]]:
    """Each group after its cause and after all that its writer had read by then; what happened meanwhile, by cause."""
    depths: list[tuple[int, list[Record]]] = []
    for group in sorted(groups, key=_time):
        depths.append((1 + max((d for d, other in depths if _was_known(other, group)), default=0), group))
    order: list[str] = []
    done: list[list[Record]] = []
    for depth in sorted({depth for depth, _ in depths}):
        level = [group for d, group in depths if d == depth]
        done += sorted(level, key=lambda group: order.index(_cause(group)) if _cause(group) in order else -1)
        order = [str(record.position) for group in done for record in group]
    return done


def _was_known(earlier: list[Record], group: list[Record]) -> bool:
    """Whether who wrote `group` had read a record of `earlier`; the client and the operator see all there is."""
    writer = writer_of(group[0])
    reads = HOPS[writer].reads if writer in HOPS else tuple(record.topic for record in earlier)
    return any(str(record.position) == _cause(group) or record.topic in reads for record in earlier)


def _cause(group: list[Record]) -> str:
    return group[0].header("causation") or ""


def _time(group: list[Record]) -> int:
    return min(record.timestamp for record in group)
