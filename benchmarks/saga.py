"""Orders a second through the whole saga, and the time from an order to its notification: naive, ours, ceiling, C.

Create, reserve, pay, confirm, notify (no SMTP), count in windows; one order has two products in two warehouses. The
broker is warm when the first contestant starts. An order is done when all its events are in the windows, so the
slowest service counts. The ceiling's latency is that of one order's records: a transaction, then read.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from random import Random
from typing import Any

from kafka import TopicPartition

from benchmarks.ceiling import Body, Ceiling
from benchmarks.load import (
    BATCH,
    CATALOGUE,
    ITEMS,
    PLENTY,
    WAIT_SECONDS,
    Notified,
    Place,
    alone,
    many,
    paced,
    quiet,
    spread,
)
from benchmarks.naive import NaiveShop
from benchmarks.surroundings import namespace
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of
from ecomkafka.flow import CODECS
from ecomkafka.shop import Shop
from ecomkafka.waiting import until

TOPICS = (*CODECS, "orders.sagas", "inventory.stock", "analytics.windows")
KEPT = 50_000
"""Records of ours that the ceiling takes, at most: more take memory and tell no more."""

QUICK: dict[str, Any] = {"orders": 2_000, "naive_orders": 100, "single": 50, "seconds": 2.0}


def run(
    broker: Broker, orders: int = 10_000, naive_orders: int = 500, single: int = 200, seconds: float = 10.0
) -> dict[str, Any]:
    """The contestants in turn on the same broker: the figures of each, and in ours the ratios.

    `orders` at once, `single` one at a time, and at each rate as many as come in `seconds`.
    """
    bootstrap = broker.bootstrap
    with namespace(bootstrap, "warm") as cluster:
        _warm(cluster, max(200, orders // 10))
    with namespace(bootstrap, "naive") as cluster:
        naive = _naive(cluster, naive_orders, single, seconds)
    with namespace(bootstrap, "ours") as cluster:
        ours, bodies, per_order = _ours(cluster, orders, single, seconds)
    with namespace(bootstrap, "ceiling") as cluster:
        ceiling = _ceiling(cluster, bodies, per_order, single)
    with namespace(bootstrap, "c-client") as cluster:
        c_client = _c_client(cluster, orders, single, seconds)
    ours |= {
        "to_naive": ours["orders_per_s"] / naive["orders_per_s"],
        "to_ceiling": ours["orders_per_s"] / ceiling["orders_per_s"],
        "p50_to_naive": ours["p50_ms"] / naive["p50_ms"],
        "p99_to_p50": ours["p99_ms"] / ours["p50_ms"],
    }
    return {"naive": naive, "ours": ours, "ceiling": ceiling} | c_client


@contextmanager
def our_shop(cluster: Cluster) -> Iterator[tuple[Shop, Place]]:
    """The shop as threads of this process, and how a client places orders in it."""
    with Shop(cluster, catalogue=CATALOGUE, mail=False) as shop:
        requests = {"customer_id": "ann", "items": ITEMS}
        yield shop, lambda count: shop.order_service.create_orders([requests] * count)


def _warm(cluster: Cluster, orders: int) -> None:
    with our_shop(cluster) as (_, place), Notified(cluster) as notified:
        many(notified, place, orders)


def _naive(cluster: Cluster, orders: int, single: int, seconds: float) -> dict[str, float]:
    with NaiveShop(cluster, dict.fromkeys(CATALOGUE, PLENTY)) as shop, Notified(cluster) as notified:

        def place(count: int) -> list[str]:
            return [shop.create_order("ann", ITEMS) for _ in range(count)]

        many(notified, place, orders // 10, batch=1)
        speed = _rate(notified, place, orders, 1, lambda: sum(shop.windows.values()), 3)
        return speed | _latency(notified, place, speed["orders_per_s"], single, seconds)


def _ours(cluster: Cluster, orders: int, single: int, seconds: float) -> tuple[dict[str, float], list[Body], float]:
    with our_shop(cluster) as (shop, place), Notified(cluster) as notified:
        shop.read_model.stop()  # SQL is no part of the saga, and the others have none
        many(notified, place, orders // 10)
        quiet(cluster)
        starts = _ends(cluster)
        # Created, confirmed, notified; two reservations, each reserved and deducted.
        speed = _rate(notified, place, orders, BATCH, lambda: shop.analytics_service.handled, 7)
        bodies = _written(cluster, starts, _ends(cluster))
        figures = speed | _latency(notified, place, speed["orders_per_s"], single, seconds)
    return figures, bodies, len(bodies) / orders


def _rate(
    notified: Notified, place: Place, orders: int, batch: int, counted: Callable[[], int], events: int
) -> dict[str, float]:
    """Orders a second, and what one costs. `counted`: how many events are in windows; each order adds `events`."""
    before, started, cpu = counted(), time.monotonic(), time.process_time()
    many(notified, place, orders, batch)
    until(lambda: counted() - before >= events * orders, WAIT_SECONDS, "every event is in a window")
    return _speed(orders, started, cpu)


def _speed(orders: float, started: float, cpu: float) -> dict[str, float]:
    """`cpu_us`: CPU time of this process an order, with client and reader, without the broker."""
    seconds, used = time.monotonic() - started, time.process_time() - cpu
    return {"orders_per_s": orders / seconds, "cpu_us": used / orders * 1e6}


def _latency(notified: Notified, place: Place, rate: float, single: int, seconds: float) -> dict[str, float]:
    figures = spread(alone(notified, place, single))
    figures |= spread(paced(notified, place, 20.0, seconds), "at_20_per_s_")
    return figures | spread(paced(notified, place, rate / 2, seconds), "at_half_rate_")


def _ceiling(cluster: Cluster, bodies: list[Body], per_order: float, single: int) -> dict[str, float]:
    order = Random(0).sample(bodies, min(len(bodies), round(per_order)))
    sample = Random(0).sample(bodies, min(len(bodies), KEPT))
    with Ceiling(cluster) as ceiling:
        ceiling.seconds(sample[: len(sample) // 10])
        started, cpu = time.monotonic(), time.process_time()
        ceiling.seconds(sample)
        speed = _speed(len(sample) / per_order, started, cpu)
        figures = spread([ceiling.seconds(order) for _ in range(single)])
    size = sum(len(body.value or b"") for body in sample) / len(sample)
    return speed | figures | {"records_per_order": per_order, "bytes_per_record": size}


def _c_client(cluster: Cluster, orders: int, single: int, seconds: float) -> dict[str, Any]:
    """Nothing where its package, of the extra `benchmarks`, is not installed."""
    if find_spec("confluent_kafka") is None:
        return {}
    from benchmarks.c_client import CShop  # its package is optional

    with CShop(cluster) as shop, Notified(cluster) as notified:
        many(notified, shop.place, orders // 10)
        speed = _rate(notified, shop.place, orders, BATCH, lambda: shop.counted, 7)
        starts = _ends(cluster)
        figures = speed | _latency(notified, shop.place, speed["orders_per_s"], single, seconds)
        sample = _written(cluster, dict.fromkeys(starts, 0), starts)
    return {"c_client": figures | {"records_per_order": len(sample) / (orders + orders // 10)}}


def _ends(cluster: Cluster) -> dict[TopicPartition, int]:
    with cluster.consumer() as consumer:
        partitions = [partition for topic in TOPICS for partition in partitions_of(consumer, cluster, topic)]
        return dict(consumer.end_offsets(partitions))


def _written(cluster: Cluster, starts: dict[TopicPartition, int], ends: dict[TopicPartition, int]) -> list[Body]:
    """What was written in between, without Kafka's own markers."""
    bodies = []
    deadline = time.monotonic() + WAIT_SECONDS
    with cluster.consumer(max_poll_records=2_000) as consumer:
        consumer.assign(list(starts))
        for partition, start in starts.items():
            consumer.seek(partition, start)
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the end of the topics was not reached in {WAIT_SECONDS:.0f} s")
            for partition, records in consumer.poll(timeout_ms=100).items():
                bodies += [Body(r.key or b"", r.value, list(r.headers)) for r in records if r.offset < ends[partition]]
    return bodies
