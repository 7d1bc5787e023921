"""From `Shop()` to the first confirmed order, in a new Python process, with no broker running and with one; memory.

Kafka is there already (`ecomkafka build`); the first start of a home has to lay out the broker's data as well.
"""

import json
import subprocess
import sys
import tempfile
from statistics import median
from typing import Any

from benchmarks.first_order import First
from benchmarks.surroundings import environment
from ecomkafka.broker import Broker, broker
from ecomkafka.broker.class_archive import prepared

SECONDS = 120.0
QUICK: dict[str, Any] = {"times": 1}


def run(_idle: Broker, times: int = 3) -> dict[str, Any]:
    """Medians of `times` homes: in each a process without a broker, then one that finds it running."""
    prepared()
    cold, warm = zip(*(_home() for _ in range(times)), strict=True)
    return {
        "import_s": median(first.import_s for first in (*cold, *warm)),
        "without_broker_s": median(first.first_s for first in cold),
        "with_broker_s": median(first.first_s for first in warm),
        "same_process_s": median(first.again_s for first in (*cold, *warm)),
        "shop_rss_mb": median(first.shop_rss_mb for first in warm),
        "broker_rss_mb": median(first.broker_rss_mb for first in warm),
    }


def _home() -> tuple[First, First]:
    with (
        tempfile.TemporaryDirectory(prefix="ecomkafka-bench-", ignore_cleanup_errors=True) as home,
        environment(ECOMKAFKA_HOME=home, ECOMKAFKA_BOOTSTRAP=""),
    ):
        try:
            return _first_order(), _first_order()
        finally:
            broker.down()


def _first_order() -> First:
    command = [sys.executable, "-m", "benchmarks.first_order"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    if done.returncode:
        raise RuntimeError(f"no first order: {done.stderr.decode(errors='replace').strip()}")
    return First(**json.loads(done.stdout))
