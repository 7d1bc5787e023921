"""The whole real file through the saga, services as threads and as processes: wall time, orders and lines a second, and
whether every invariant is true.
"""

import time
from pathlib import Path
from typing import Any

from benchmarks.surroundings import environment
from ecomkafka.broker import Broker
from ecomkafka.shop.replay import replay

GLANCE_SECONDS = 0.2
"""How often it is noted how many orders have ended."""

QUICK: dict[str, Any] = {"limit": 500}


def run(broker: Broker, file: Path, limit: int | None = None) -> dict[str, Any]:
    """What `ecomkafka replay` says of the first `limit` orders of `file`, or of all; without mail.

    The figures are those of threads; those of processes are in them as "processes".
    """
    with environment(ECOMKAFKA_BOOTSTRAP=broker.bootstrap):
        threads = _replayed(file, limit, processes=False)
        return threads | {"processes": _replayed(file, limit, processes=True)}


def _replayed(file: Path, limit: int | None, processes: bool) -> dict[str, Any]:
    curve: list[tuple[float, int]] = []

    def progress(done: int, _total: int) -> None:
        now = time.monotonic()
        if not curve or now > curve[-1][0] + GLANCE_SECONDS:
            curve.append((now, done))

    result = replay(file, limit=limit, mail=False, progress=progress, processes=processes)
    found = result.to_json()
    return {
        "orders": found["orders"]["created"],
        "lines": found["lines"],
        "seconds": result.seconds,
        "orders_per_s": found["orders"]["created"] / result.seconds,
        "lines_per_s": found["lines"] / result.seconds,
        "invariants_hold": result.holds,
        "curve": [(at - curve[0][0], done) for at, done in curve] + [(result.seconds, result.sales.created)],
    }
