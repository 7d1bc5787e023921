"""The whole real file through the saga: wall time, orders and lines a second, and whether every invariant is true."""

from pathlib import Path
from typing import Any

from benchmarks.surroundings import environment
from ecomkafka.lab.replay import replay
from ecomkafka.runtime.broker import Broker

QUICK: dict[str, Any] = {"limit": 500}


def run(broker: Broker, file: Path, limit: int | None = None) -> dict[str, Any]:
    """What `ecomkafka replay` says of the first `limit` orders of `file`, or of all; without mail."""
    with environment(ECOMKAFKA_BOOTSTRAP=broker.bootstrap):
        result = replay(file, limit=limit, mail=False)
    found = result.to_json()
    return {
        "orders": found["orders"]["created"],
        "lines": found["lines"],
        "seconds": result.seconds,
        "orders_per_s": found["orders"]["created"] / result.seconds,
        "lines_per_s": found["lines"] / result.seconds,
        "invariants_hold": result.holds,
    }
