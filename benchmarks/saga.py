"""Orders a second through the whole saga, and the time from an order to its notification: naive, ours, ceiling."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

from kafka import TopicPartition

from benchmarks.ceiling import records_per_second
from benchmarks.naive import NaiveShop
from ecomkafka.catalogue import DEFAULT, Catalogue, Product
from ecomkafka.flow import CODECS
from ecomkafka.lab.shop import Shop
from ecomkafka.runtime.admin import create_topics, delete_topics
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.reader import partitions_of, read

ITEMS = [{"product_id": "LAPTOP-001", "quantity": 1}, {"product_id": "MOUSE-001", "quantity": 2}]
"""Two products in two warehouses."""

PLENTY = 10_000_000
BATCH = 250
"""Orders that a client of ours sends in one transaction when it has many."""

WAIT_SECONDS = 120.0
Place = Callable[[int], list[str]]
"""Places so many orders and returns their ids."""


class Notified:
    """Sees each order's NOTIFICATION_SENT: a reader thread notes when it came."""

    def __init__(self, cluster: Cluster) -> None:
        self.at: dict[str, float] = {}
        self._came = threading.Condition()
        self._cluster = cluster
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._thread.start()
        self._ready.wait(30)

    def _run(self) -> None:
        with self._cluster.consumer(fetch_max_wait_ms=100) as consumer:
            partitions: list[TopicPartition] = partitions_of(consumer, self._cluster, "notifications.events")
            consumer.assign(partitions)
            self._ready.set()
            while not self._stopping.is_set():
                polled = consumer.poll(timeout_ms=100)
                now = time.monotonic()
                with self._came:
                    for records in polled.values():
                        self.at |= {(record.key or b"").decode(): now for record in records}
                    self._came.notify_all()

    def wait(self, order_ids: list[str]) -> None:
        with self._came:
            if not self._came.wait_for(lambda: all(order_id in self.at for order_id in order_ids), WAIT_SECONDS):
                missing = sum(order_id not in self.at for order_id in order_ids)
                raise TimeoutError(f"{missing} of {len(order_ids)} orders were not notified in {WAIT_SECONDS:.0f} s")

    def close(self) -> None:
        self._stopping.set()
        self._thread.join(5)


def measure(cluster: Cluster, place: Place, orders: int, batch: int, single: int) -> dict[str, float]:
    """Throughput with `orders` orders placed `batch` at a time, then latency at three rates."""
    notified = Notified(cluster)
    try:
        notified.wait(place(1))
        started = time.monotonic()
        ids = [order_id for _ in range(0, orders, batch) for order_id in place(batch)]
        notified.wait(ids)
        rate = len(ids) / (time.monotonic() - started)
        alone = [_one(notified, place) for _ in range(single)]
        paced = _paced(notified, place, rate=20.0, count=single)
        half = _paced(notified, place, rate=rate / 2, count=min(single * 5, int(rate)))
    finally:
        notified.close()
    figures = {"orders_per_s": rate, **_spread("", alone), **_spread("at_20_per_s_", paced)}
    return figures | _spread("at_half_rate_", half)


def _one(notified: Notified, place: Place) -> float:
    started = time.monotonic()
    (order_id,) = place(1)
    notified.wait([order_id])
    return notified.at[order_id] - started


def _paced(notified: Notified, place: Place, rate: float, count: int) -> list[float]:
    """Latencies with orders that come when they come, not when the last one has ended."""
    sent: dict[str, float] = {}
    begin = time.monotonic()
    batch = max(1, int(rate / 50))
    for number in range(0, count, batch):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        now = time.monotonic()
        sent |= dict.fromkeys(place(batch), now)
    notified.wait(list(sent))
    return [notified.at[order_id] - at for order_id, at in sent.items()]


def _spread(name: str, seconds: list[float]) -> dict[str, float]:
    return {f"{name}p50_ms": median(seconds) * 1000, f"{name}p99_ms": quantiles(seconds, n=100)[98] * 1000}


def run(bootstrap: str, orders: int = 10_000, single: int = 200, naive_orders: int = 300) -> dict[str, Any]:
    """The three contestants in turn on the same broker."""
    with _namespace(bootstrap, "naive") as cluster:
        naive = _naive(cluster, naive_orders, single)
    with _namespace(bootstrap, "ours") as cluster:
        ours, count, size = _ours(cluster, orders, single)
    with _namespace(bootstrap, "ceiling") as cluster:
        ceiling = records_per_second(cluster, int(count * min(orders, 5_000)), size) / count
    return {
        "naive": naive,
        "ours": ours,
        "ceiling": {"orders_per_s": ceiling, "records_per_order": count, "bytes_per_record": size},
        "ours_to_naive": ours["orders_per_s"] / naive["orders_per_s"],
        "ours_to_ceiling": ours["orders_per_s"] / ceiling,
        "p50_to_naive": ours["p50_ms"] / naive["p50_ms"],
        "p99_to_p50": ours["p99_ms"] / ours["p50_ms"],
    }


def _naive(cluster: Cluster, orders: int, single: int) -> dict[str, float]:
    shop = NaiveShop(cluster, dict.fromkeys(DEFAULT, PLENTY))
    shop.start()
    try:
        return measure(cluster, lambda n: [shop.create_order("ann", ITEMS) for _ in range(n)], orders, 1, single)
    finally:
        shop.stop()


def _ours(cluster: Cluster, orders: int, single: int) -> tuple[dict[str, float], float, int]:
    plenty = Catalogue(Product(p.product_id, p.name, p.price, p.warehouse_id, PLENTY) for p in DEFAULT.values())
    with Shop(cluster, catalogue=plenty, mail=False) as shop:

        def place(count: int) -> list[str]:
            return shop.order_service.create_orders([{"customer_id": "ann", "items": ITEMS}] * count)

        figures = measure(cluster, place, orders, BATCH, single)
        placed = shop.read_model.counts()["created"]
        shop.settle()
        records = read(cluster, *CODECS, "orders.sagas", "inventory.stock", "analytics.windows")
    size = sum(len(record.value or b"") for record in records) // len(records)
    return figures, len(records) / placed, size


@contextmanager
def _namespace(bootstrap: str, name: str) -> Iterator[Cluster]:
    cluster = Cluster.of(bootstrap, f"bench-{name}-{time.time_ns()}")
    create_topics(cluster)
    try:
        yield cluster
    finally:
        delete_topics(cluster)
