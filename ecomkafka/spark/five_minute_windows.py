"""The shop's windows as a streaming query of Spark: orders and money of each five minutes of `orders.events`.

Money is DECIMAL(28,4), and a sum of it DECIMAL(38,4), so every figure is exact. Counts are of events, as in
`domain/windows.py`. What is no JSON, and types of a newer version, are passed over. There is no watermark: a window
takes events however late they are, and its state is kept for ever.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ecomkafka.clients import Cluster
from ecomkafka.clients.access.java_clients import java_settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession
    from pyspark.sql.streaming import StreamingQuery

TOPIC = "orders.events"
SCHEMA = "type STRING, at TIMESTAMP, total DECIMAL(28,4)"
"""What the windows need of an event."""

_KINDS = {"created": "ORDER_CREATED", "confirmed": "ORDER_CONFIRMED", "cancelled": "ORDER_CANCELLED"}
_NAME = "windows"
_SECONDS = 120.0


def records(spark: "SparkSession", cluster: Cluster, per_batch: int | None = None) -> "DataFrame":
    """The topic from its start; a micro-batch takes at most `per_batch` offsets, or all there are."""
    client = {"bootstrap.servers": ",".join(cluster.bootstrap), "isolation.level": "read_committed"}
    client |= java_settings(cluster.access)
    options = {"subscribe": cluster.name(TOPIC), "startingOffsets": "earliest", "groupIdPrefix": cluster.name("spark")}
    if per_batch is not None:
        options["maxOffsetsPerTrigger"] = str(per_batch)
    reader = spark.readStream.format("kafka").options(**options)
    return reader.options(**{f"kafka.{name}": value for name, value in client.items()}).load()


def windows(records: "DataFrame") -> "DataFrame":
    """One row per window: its start in seconds since 1970, a count and a sum of money for each type of event."""
    from pyspark.sql import functions as F

    # The bytes become three columns.
    told = records.select(F.from_json(records["value"].cast("string"), SCHEMA).alias("event")).select("event.*")
    counted = told.where(told["type"].isin(*_KINDS.values()))
    # Of each group: how many, and how much money, are of this type.
    figures = []
    for name, kind in _KINDS.items():
        is_kind = counted["type"] == kind
        figures += [F.count_if(is_kind).alias(name), F.sum(F.when(is_kind, counted["total"])).alias(f"{name}_money")]
    # Five minutes each, without a gap or an overlap: all events of a window come to one partition of the state.
    each = counted.groupBy(F.window("at", "5 minutes")).agg(*figures)
    return each.select(F.unix_seconds("window.start").alias("start"), "*").drop("window")


def start(spark: "SparkSession", cluster: Cluster, per_batch: int | None = None) -> "StreamingQuery":
    """The query at work: it takes what the topic has now, and ends. A second one in the session goes on from there."""
    rows = windows(records(spark, cluster, per_batch)).writeStream.outputMode("complete")
    return rows.format("memory").queryName(_NAME).trigger(availableNow=True).start()


def finish(query: "StreamingQuery", timeout: float = _SECONDS) -> None:
    """Wait until it has ended. Raises TimeoutError, or the error that ended it."""
    try:
        if not query.awaitTermination(timeout):
            raise TimeoutError(f"the windows have not come to the topic's end within {timeout:g} s: {query.status}")
    finally:
        query.stop()


def figures(spark: "SparkSession") -> dict[datetime, dict[str, Any]]:
    """What the last batch of the session's query has brought, by the start of each window, under the names of
    `shop.windows()`: created, confirmed, cancelled; revenue, pending and lost as Decimals; conversion.
    """
    return figures_of(spark.table(_NAME).collect())


def figures_of(rows: "Iterable[Row]") -> dict[datetime, dict[str, Any]]:
    found = {datetime.fromtimestamp(row["start"], UTC): _figures(row) for row in rows}
    return dict(sorted(found.items()))


def _figures(row: "Row") -> dict[str, Any]:
    counts = {name: row[name] for name in _KINDS}
    money = {name: row[f"{name}_money"] or Decimal(0) for name in _KINDS}  # a sum of nothing is null
    pending = money["created"] - money["confirmed"] - money["cancelled"]
    conversion = counts["confirmed"] / counts["created"] if counts["created"] else None
    named = {"revenue": money["confirmed"], "pending": pending, "lost": money["cancelled"], "conversion": conversion}
    return counts | named
