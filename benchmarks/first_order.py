"""`python -m benchmarks.first_order`: a process opens a shop, places an order, opens another; prints what it took."""

import json
import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import psutil

if TYPE_CHECKING:
    from ecomkafka.shop import Shop


class First(NamedTuple):
    """Seconds, and memory in units of 1,000,000 bytes."""

    import_s: float
    """Until the package is imported."""
    first_s: float
    """From `Shop()` to the first order confirmed."""
    again_s: float
    """The same once more in this process."""
    shop_rss_mb: float
    """This process, with a shop open."""
    broker_rss_mb: float


def main() -> None:
    started = time.monotonic()
    from ecomkafka.broker import broker
    from ecomkafka.shop import shop

    imported = time.monotonic() - started
    first, _ = confirmed(shop.Shop)
    again, memory = confirmed(shop.Shop)
    status = broker.status()
    found = First(imported, first, again, memory, sum(map(rss_mb, status.pids)) if status else 0.0)
    sys.stdout.write(json.dumps(found._asdict()))


def confirmed(make: "type[Shop]") -> tuple[float, float]:
    """Seconds to the first confirmed order, and this process's memory then."""
    started = time.monotonic()
    with make() as shop:
        end = shop.wait(shop.order("ann", {"MOUSE-001": 1}))
        seconds = time.monotonic() - started
        if end != "CONFIRMED":
            raise RuntimeError(f"the first order is {end}, not CONFIRMED")
        return seconds, rss_mb(os.getpid())


def rss_mb(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / 1e6


if __name__ == "__main__":
    main()
