"""Orders placed on purpose, and when each was notified: at once, one at a time, or at a given rate."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any, Self

from ecomkafka.catalogue import DEFAULT, Catalogue, Product
from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import lags
from ecomkafka.clients.reader import partitions_of, read
from ecomkafka.messages import OrderCancelled
from ecomkafka.waiting import until

ITEMS: list[dict[str, Any]] = [
    {"product_id": "LAPTOP-001", "quantity": 1},
    {"product_id": "MOUSE-001", "quantity": 2},
]
"""Two products in two warehouses, so that an order has two reservations."""

PLENTY = 10_000_000
CATALOGUE = Catalogue(Product(p.product_id, p.name, p.price, p.warehouse_id, PLENTY) for p in DEFAULT.values())
"""Nothing ever runs out."""

BATCH = 250
"""Orders that a client sends in one transaction when it has many."""

AHEAD = 3_000
"""Orders that may be under way at a time: more would pass their deadline on a slow machine."""

TICK_SECONDS = 0.02

CANCELLED = b"CANCELLED"
"""Is in the notification of an order that nobody should have cancelled."""

WAIT_SECONDS = 120.0
Place = Callable[[int], list[str]]
"""Places so many orders and returns their ids."""


class Notified:
    """Sees each order's NOTIFICATION_SENT: a reader thread notes when it came."""

    def __init__(self, cluster: Cluster) -> None:
        self.at: dict[str, float] = {}
        self._cancelled = 0
        self._cluster = cluster
        self._came = threading.Condition()
        self._ready, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="notified", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(30):
            raise TimeoutError("the reader of notifications.events is not ready after 30 s")
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self._thread.join(5)

    def _run(self) -> None:
        with self._cluster.consumer(fetch_max_wait_ms=100) as consumer:
            consumer.assign(partitions_of(consumer, self._cluster, "notifications.events"))
            self._ready.set()
            while not self._stopping.is_set():
                polled = consumer.poll(timeout_ms=100)
                now = time.monotonic()
                with self._came:
                    for records in polled.values():
                        self.at |= {(record.key or b"").decode(): now for record in records}
                        self._cancelled += sum(CANCELLED in (record.value or b"") for record in records)
                    self._came.notify_all()

    def wait(self, order_ids: list[str]) -> None:
        """Until each is notified. Raises TimeoutError that says how many are not, RuntimeError if one was cancelled."""
        deadline = time.monotonic() + WAIT_SECONDS
        with self._came:
            for order_id in order_ids:
                while order_id not in self.at:
                    if not self._came.wait(max(0.0, deadline - time.monotonic())):
                        missing = sum(order_id not in self.at for order_id in order_ids)
                        raise TimeoutError(f"{missing} of {len(order_ids)} orders: no notice in {WAIT_SECONDS:.0f} s")
            if self._cancelled:
                raise RuntimeError(f"orders were cancelled, so the figures say nothing: {self._reasons()}")

    def _reasons(self) -> dict[str, int]:
        ends = (record.message for record in read(self._cluster, "orders.events"))
        return dict(Counter(end.reason for end in ends if isinstance(end, OrderCancelled)))


def many(notified: Notified, place: Place, count: int, batch: int = BATCH) -> None:
    """Place `count` orders as fast as they end, at most AHEAD under way; returns when all are notified."""
    ids: list[str] = []
    while len(ids) < count:
        notified.wait(ids[: max(0, len(ids) - AHEAD)][-batch:])
        ids += place(min(batch, count - len(ids)))
    notified.wait(ids)


def alone(notified: Notified, place: Place, count: int) -> list[float]:
    """Seconds from order to notification, one order at a time."""
    seconds = []
    for _ in range(count):
        started = time.monotonic()
        (order_id,) = place(1)
        notified.wait([order_id])
        seconds.append(notified.at[order_id] - started)
    return seconds


def paced(notified: Notified, place: Place, rate: float, seconds: float) -> list[float]:
    """Latencies with `rate` orders a second that come when they come, not when the last one has ended.

    Counted from when an order was due, so that a client that is held up does not hide it (Tene: coordinated omission).
    A client sends what is due in one transaction, 50 times a second at most.
    """
    due: dict[str, float] = {}
    begin = time.monotonic()
    total = max(1, int(rate * seconds))
    while len(due) < total:
        next_one = begin + len(due) / rate
        time.sleep(max(0.0, next_one - time.monotonic()))
        waiting = min(total, int((time.monotonic() - begin) * rate) + 1) - len(due)
        ids = place(min(waiting, BATCH))
        due |= {order_id: next_one + number / rate for number, order_id in enumerate(ids)}
        time.sleep(max(0.0, next_one + TICK_SECONDS - time.monotonic()))
    notified.wait(list(due))
    return [notified.at[order_id] - at for order_id, at in due.items()]


def spread(seconds: list[float], name: str = "") -> dict[str, float]:
    """Median and 99th percentile in milliseconds."""
    last = quantiles(seconds, n=100, method="inclusive")[98]
    return {f"{name}p50_ms": median(seconds) * 1000, f"{name}p99_ms": last * 1000}


def quiet(cluster: Cluster, timeout: float = WAIT_SECONDS) -> None:
    """Wait until no service is behind in any topic."""
    until(lambda: not any(lag.lag for lag in lags(cluster)), timeout, "every service is at the end of its topics")
