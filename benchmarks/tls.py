"""What encryption costs: the same work on a broker without and on one with TLS, in turn, and the ratios.

The transactions are those of `transactions.py`; text compresses, random bytes do not, and are the worst case.
"""

import os
import time
from statistics import median
from typing import Any

from kafka import TopicPartition
from kafka.admin import NewTopic

from benchmarks.load import Notified, many, quiet, spread
from benchmarks.saga import our_shop
from benchmarks.surroundings import namespace
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.lessons.transaction_cost import timings

QUICK: dict[str, Any] = {"rounds": 1, "orders": 200, "seconds": 0.3, "records": 2_000}
BATCH = 500
SIZE = 1_000
"""Bytes of a record that does not compress."""

TOPIC = "random"


def run(
    broker: Broker, rounds: int = 3, orders: int = 3_000, seconds: float = 1.0, records: int = 20_000
) -> dict[str, Any]:
    """Medians of `rounds`, each side in turn: `off`, `on`, and `ratio`, which is on to off."""
    with Broker(tls=True) as encrypted:
        sides = {"off": broker.bootstrap, "on": encrypted.bootstrap}
        for bootstrap in sides.values():
            _orders(bootstrap, orders // 10)  # warm
        found: dict[str, list[dict[str, float]]] = {"off": [], "on": []}
        for _ in range(rounds):
            for side, bootstrap in sides.items():
                found[side].append(_work(bootstrap, orders, seconds, records))
    middle = {side: {name: median(row[name] for row in rows) for name in rows[0]} for side, rows in found.items()}
    ratio = {name: middle["on"][name] / middle["off"][name] for name in middle["off"]}
    return middle | {"ratio": ratio}


def _work(bootstrap: str, orders: int, seconds: float, records: int) -> dict[str, float]:
    with namespace(bootstrap, "tls") as cluster:
        connected = spread([_timed(lambda: cluster.admin().close()) for _ in range(5)])["p50_ms"]
        took = timings(cluster, (1, BATCH), seconds, records)
        return {
            "connect_ms": connected,
            "transaction_ms": spread(took[1])["p50_ms"],
            "records_per_s": len(took[BATCH]) * BATCH / sum(took[BATCH]),
            "orders_per_s": _orders(bootstrap, orders),
            **_random(cluster, records),
        }


def _orders(bootstrap: str, orders: int) -> float:
    with namespace(bootstrap, "tls-shop") as cluster, our_shop(cluster) as (_, place), Notified(cluster) as notified:
        rate = orders / _timed(lambda: many(notified, place, orders))
        quiet(cluster)
    return rate


def _random(cluster: Cluster, records: int) -> dict[str, float]:
    """Random kilobytes a second, written and read."""
    topic = cluster.name(TOPIC)
    admin = cluster.admin()
    admin.create_topics([NewTopic(topic, 1, 1)])
    admin.wait_for_topics([topic], timeout_ms=10_000)
    # More than a batch holds: what is repeated within one would compress.
    values, place = [os.urandom(SIZE) for _ in range(1_000)], TopicPartition(topic, 0)
    try:
        with cluster.producer() as producer, cluster.consumer() as consumer:
            began = time.monotonic()
            for number in range(records):
                producer.send(topic, values[number % len(values)])
            producer.flush(timeout=60)
            written = records / (time.monotonic() - began)
            consumer.assign([place])
            began, left = time.monotonic(), records
            while left > 0:
                left -= sum(map(len, consumer.poll(timeout_ms=1_000).values()))
            return {"random_written_per_s": written, "random_read_per_s": records / (time.monotonic() - began)}
    finally:
        admin.delete_topics([topic])
        admin.close()


def _timed(work: Any) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
