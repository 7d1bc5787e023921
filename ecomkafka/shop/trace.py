"""The trace of an order: every record of its saga and what caused it, read from the topics."""

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.contracts.codec import unknown_type
from ecomkafka.dataframes import DataFrame, dataframe
from ecomkafka.domain.basket import identifier
from ecomkafka.flow import CODECS
from ecomkafka.telemetry.spans import Span, spans

COLUMNS = ("step", "topic", "partition", "offset", "key", "type", "caused by", "ms")


def story(cluster: Cluster, order_id: str) -> list[Record]:
    """The records of one order (header `correlation`), causes before effects; records of one cause in the sequence of
    the flow's topics.
    """
    records = [record for record in read(cluster, *CODECS) if record.header("correlation") == order_id]
    depths = _depths(records)
    topics = list(CODECS)
    return sorted(records, key=lambda r: (depths[str(r.position)], topics.index(r.topic), r.key or b"", r.position))


def trace(cluster: Cluster, order_id: str) -> DataFrame:
    """One row a record: step, topic, partition, offset, key, type, caused by (topic:partition:offset), ms since the
    first.

    Raises LookupError if no record of the order is there, ValueError for what can't name one.
    """
    records = _found(cluster, order_id)
    start = min(record.timestamp for record in records)
    rows = [
        (
            step,
            record.topic,
            record.partition,
            record.offset,
            (record.key or b"").decode("utf-8", "replace"),
            record.message.type if record.message else unknown_type(record.value) or "?",
            record.header("causation") or "",
            record.timestamp - start,
        )
        for step, record in enumerate(records, start=1)
    ]
    return dataframe(rows, COLUMNS)


def spans_of(cluster: Cluster, order_id: str) -> list[Span]:
    """The order's spans, for a trace viewer. Raises LookupError if no record of the order is there."""
    return spans(order_id, _found(cluster, order_id))


def _found(cluster: Cluster, order_id: str) -> list[Record]:
    records = story(cluster, identifier("order_id", order_id))
    if not records:
        raise LookupError(f"no record of order {order_id!r} in namespace {cluster.namespace!r}")
    return records


def _depths(records: list[Record]) -> dict[str, int]:
    """The number of records between each record and a cause from outside. A cause that is not among the records counts
    as outside.
    """
    causes = {str(record.position): record.header("causation") or "" for record in records}
    depths = {}
    for place in causes:
        seen = [place]
        while (cause := causes[seen[-1]]) in causes and cause not in seen:
            seen.append(cause)
        depths[place] = len(seen) - 1
    return depths
