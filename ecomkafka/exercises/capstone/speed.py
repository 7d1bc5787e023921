"""Orders a second, 99th percentile and records per order: of a student's program and of the shop's own service."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from ecomkafka.clients.reader import partitions_of
from ecomkafka.exercises.capstone.shelves import WAREHOUSES, Requests, partition_of
from ecomkafka.exercises.checking.stage import SECONDS, Stage
from ecomkafka.faults.network_proxy import Proxy
from ecomkafka.flow import HOPS
from ecomkafka.machine.guard import Guard
from ecomkafka.messages import Item, Reserve, Restock, encode
from ecomkafka.operations.service_process import ServiceProcess

BURST = 300
"""Orders sent at once, to see how many are answered in a second."""

PACED, PACE = 100, 0.01
"""Orders sent one after the other, and seconds between them, to see how long one takes."""

WARM_UP = 20

LIMIT = 5.0
"""Seconds after which what is still unanswered is left out: a slow program is measured by what it has answered."""

REQUESTS, ANSWERS = "inventory.requests", "inventory.responses"


def measured(cluster: Cluster, requests: Requests) -> dict[str, float]:
    """The figures of whoever answers requests on this cluster."""
    with _watch(cluster) as watch:
        watch.answered(_some(requests, WARM_UP), PACE)
        waits = watch.answered(_some(requests, PACED), PACE)
        before = watch.written()
        start = time.monotonic()
        ends = watch.answered(_some(requests, BURST), 0.0)
        took = max(ends, default=LIMIT) if len(ends) == BURST else time.monotonic() - start
        return {
            "orders a second": len(ends) / took,
            "99th percentile, ms": 1000 * sorted(waits)[int(0.99 * (len(waits) - 1))] if waits else 1000 * LIMIT,
            "records written per order": (watch.written() - before) / max(1, len(ends)),
        }


@cache
def own_service(bootstrap: tuple[str, ...]) -> dict[str, float]:
    """The figures of the shop's inventory, on the same broker and behind a proxy as well; measured once a session."""
    with ExitStack() as opened:
        stage = opened.enter_context(Stage())
        create_topics(stage.cluster)
        proxy = opened.enter_context(Proxy())
        folder = Path(opened.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
        opened.enter_context(Guard(folder, delete=False))
        home = folder / "inventory"
        home.mkdir()
        service = ServiceProcess(proxy.through(stage.cluster), "inventory", home=home)
        opened.enter_context(service)
        requests = Requests(seed=1)
        _restock(stage.cluster, requests.opening)
        return measured(stage.cluster, requests)


def _some(requests: Requests, count: int) -> list[Reserve]:
    return [requests.reserve(number % len(WAREHOUSES)) for number in range(count)]


def _restock(cluster: Cluster, opening: dict[str, int]) -> None:
    with cluster.producer() as producer:
        for partition, (warehouse, products) in enumerate(WAREHOUSES.items()):
            items = tuple(Item(product_id=product, quantity=opening[product]) for product in products)
            command = Restock(restock_id="capstone", warehouse_id=warehouse, items=items, at=Requests.START)
            producer.send(cluster.name(REQUESTS), encode(command), partition=partition)
        producer.flush(timeout=SECONDS)


class _Watch:
    """Sends requests, and sees as a read_committed reader when they are answered."""

    def __init__(self, cluster: Cluster, producer: Any, consumer: Any, everything: Any) -> None:
        self._cluster, self._producer, self._consumer, self._everything = cluster, producer, consumer, everything
        self._outputs = [
            place
            for topic in (*HOPS["inventory"].writes, HOPS["inventory"].changelog)
            if topic and everything.partitions_for_topic(cluster.name(topic))
            for place in partitions_of(everything, cluster, topic)
        ]
        consumer.assign(partitions_of(consumer, cluster, ANSWERS))
        consumer.seek_to_end()
        for place in consumer.assignment():
            consumer.position(place)

    def written(self) -> int:
        """Records in all topics that are written, with the ends of transactions."""
        return sum(self._everything.end_offsets(self._outputs).values())

    def answered(self, requests: Sequence[Reserve], pace: float) -> list[float]:
        """Seconds from each request to its answer, of those that have one in time."""
        sent: dict[bytes, float] = {}
        seen: dict[bytes, float] = {}
        due = list(requests)
        deadline = time.monotonic() + LIMIT + pace * len(due)
        while len(seen) < len(requests) and time.monotonic() < deadline:
            while due and time.monotonic() >= deadline - LIMIT - pace * len(due):
                request = due.pop(0)
                sent[request.order_id.encode()] = time.monotonic()
                self._producer.send(self._cluster.name(REQUESTS), encode(request), partition=partition_of(request))
            for records in self._consumer.poll(timeout_ms=2).values():
                seen |= {record.key: time.monotonic() for record in records if record.key in sent}
        return [seen[key] - sent[key] for key in seen]


@contextmanager
def _watch(cluster: Cluster) -> Iterator[_Watch]:
    with (
        cluster.producer(linger_ms=0) as producer,
        cluster.consumer() as consumer,
        cluster.consumer(isolation_level="read_uncommitted") as everything,
    ):
        yield _Watch(cluster, producer, consumer, everything)
