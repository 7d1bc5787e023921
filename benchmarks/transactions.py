"""What a transaction costs: records a second and latency of one consume–produce loop, by its batch size.

And by the client's `retry_backoff_ms`, 100 by default: a transaction that begins before the broker has finished the one
before is refused, and tries again so many milliseconds later. The loop is that of the lesson on transactions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kafka import KafkaProducer

from benchmarks.load import spread
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.lessons.transaction_cost import timings

MOST = 20_000
"""Records that a point copies."""

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
    bootstrap: str, batches: Sequence[int], backoffs: Sequence[int] = (5, 100), seconds: float = 1.0
) -> list[Point]:
    """Each batch size with each backoff in milliseconds, measured for `seconds` a point."""
    return [
        Point(batch, backoff, len(taken) * batch / sum(taken), **spread(taken))
        for backoff in backoffs
        for batch, taken in timings(
            Backoff(Cluster.of(bootstrap).bootstrap, "transactions", retry_backoff_ms=backoff), batches, seconds, MOST
        ).items()
    ]
