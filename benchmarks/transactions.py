"""What a transaction costs: records a second and latency of one consume–produce loop, by its batch size.

And by the client's `retry_backoff_ms`, 100 by default: a transaction that begins before the broker has finished the one
before is refused, and tries again so many milliseconds later. `points` is what the lesson on transactions plots.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

from benchmarks.ceiling import Bare
from benchmarks.load import spread
from benchmarks.surroundings import namespace
from ecomkafka.runtime.broker import Broker
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.reader import partitions_of
from ecomkafka.runtime.transaction import TransactionalProducer

SOURCE, TARGET = "inventory.requests", "inventory.responses"
RECORDS = 10_000
"""In SOURCE; the loop reads them again and again."""

BYTES = 150
SECONDS = 30.0
QUICK: dict[str, Any] = {"batches": (1, 10, 100, 1_000), "seconds": 0.3}


class Point(NamedTuple):
    """One batch size with one setting."""

    batch: int
    retry_backoff_ms: int
    records_per_s: float
    p50_ms: float
    """Median of a transaction, from its begin to the commit's answer."""
    p99_ms: float


@dataclass(frozen=True)
class Backoff(Cluster):
    """The cluster's own settings but for one."""

    retry_backoff_ms: int = 5

    def producer(self, transactional_id: str | None = None, **settings: Any) -> KafkaProducer:
        return super().producer(transactional_id, retry_backoff_ms=self.retry_backoff_ms, **settings)


def run(
    broker: Broker, batches: Sequence[int] = (1, 3, 10, 30, 100, 300, 500, 1_000, 2_000), seconds: float = 1.0
) -> dict[str, Any]:
    """Every batch size with a backoff of 5 ms, which the shop has, and of 100 ms, which is the default."""
    return {"points": [point._asdict() for point in points(broker.bootstrap, batches, seconds=seconds)]}


def points(
    bootstrap: str,
    batches: Sequence[int] = (1, 10, 100, 1_000),
    backoffs: Sequence[int] = (5, 100),
    seconds: float = 0.4,
) -> list[Point]:
    """Each batch size, at most RECORDS, with each backoff in milliseconds, measured for `seconds` a point."""
    if not all(1 <= batch <= RECORDS for batch in batches):
        raise ValueError(f"batches is {list(batches)}: from 1 to {RECORDS:,} records are allowed")
    with namespace(bootstrap, "transactions") as cluster:
        _fill(cluster)
        return [_point(cluster, batch, backoff, seconds) for backoff in backoffs for batch in batches]


def _fill(cluster: Cluster) -> None:
    with TransactionalProducer(cluster, "fill") as producer:
        producer.begin()
        for number in range(RECORDS):
            producer.send(cluster.name(SOURCE), str(number).encode(), b"x" * BYTES, [])
        producer.commit({}, None)


def _point(cluster: Cluster, batch: int, backoff: int, seconds: float) -> Point:
    """At least two transactions after the first, which is not counted: it waits for nothing."""
    with Loop(cluster, batch, backoff) as loop:
        loop.transact()
        took: list[float] = []
        begin = time.monotonic()
        while len(took) < 2 or time.monotonic() - begin < seconds:
            took.append(loop.transact())
        rate = len(took) * batch / (time.monotonic() - begin)
        return Point(batch, backoff, rate, **spread(took))


class Loop:
    """Consume `batch` records, write as many, commit: the loop of a service, without the service."""

    def __init__(self, cluster: Cluster, batch: int, backoff: int) -> None:
        self._cluster, self._batch = cluster, batch
        self._settings = Backoff(cluster.bootstrap, cluster.namespace, cluster.profile, cluster.proxy, backoff)
        self._open = ExitStack()
        self._read = 0

    def __enter__(self) -> Self:
        try:
            self._consumer: KafkaConsumer = self._open.enter_context(self._cluster.consumer("loop"))
            self._partitions = partitions_of(self._consumer, self._cluster, SOURCE)
            self._consumer.assign(self._partitions)
            self._consumer.seek_to_beginning(*self._partitions)
            self._producer = self._open.enter_context(Bare(self._settings, "loop"))
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def transact(self) -> float:
        """One transaction; returns its seconds, without the wait for its input."""
        records = self._take()
        started = time.monotonic()
        target = self._cluster.name(TARGET)
        self._producer.begin()
        for record in records:
            self._producer.send(target, record.key, record.value, [])
        ends = {TopicPartition(r.topic, r.partition): OffsetAndMetadata(r.offset + 1, "", -1) for r in records}
        self._producer.commit(ends, self._consumer.group_metadata())
        return time.monotonic() - started

    def _take(self) -> list[Any]:
        if self._read + self._batch > RECORDS:
            self._consumer.seek_to_beginning(*self._partitions)
            self._read = 0
        deadline = time.monotonic() + SECONDS
        records: list[Any] = []
        while len(records) < self._batch:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(records)} of {self._batch} records came in {SECONDS:.0f} s")
            polled = self._consumer.poll(timeout_ms=100, max_records=self._batch - len(records))
            records += [record for batch in polled.values() for record in batch]
        self._read += len(records)
        return records
