"""What a transaction costs: records per second and latency of one consume-produce loop, by its batch size.

The loop is that of the lesson on transactions: version 2 of Kafka's transactions.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.load import spread
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.lessons.transaction_cost import timings

MOST = 20_000
"""Records that a point copies."""

QUICK: dict[str, Any] = {"batches": (1, 10, 100, 1_000), "seconds": 0.3}


class Point(NamedTuple):
    """One batch size."""

    batch: int
    records_per_s: float
    p50_ms: float
    """Median of a transaction, from its begin to the commit's answer."""
    p99_ms: float


def run(
    broker: Broker, batches: Sequence[int] = (1, 3, 10, 30, 100, 300, 500, 1_000, 2_000), seconds: float = 1.0
) -> dict[str, Any]:
    """Every batch size, measured for `seconds` each."""
    timed = timings(Cluster.of(broker.bootstrap, "transactions"), batches, seconds, MOST)
    points = [Point(batch, len(taken) * batch / sum(taken), **spread(taken)) for batch, taken in timed.items()]
    return {"points": [point._asdict() for point in points]}
