"""The most that the bare client can do: as many records of the same size, one producer, one consumer, no logic."""

import threading
import time

from kafka import TopicPartition

from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.reader import partitions_of
from ecomkafka.runtime.transaction import TransactionalProducer

TOPIC = "orders.events"
BATCH = 500
"""Records in a transaction."""


def records_per_second(cluster: Cluster, count: int, size: int) -> float:
    """`count` records of `size` bytes, written in transactions and read committed at the same time, a second."""
    done = threading.Event()
    reader = threading.Thread(target=_read, args=(cluster, count, done), daemon=True)
    with TransactionalProducer(cluster, "ceiling") as producer:
        reader.start()
        started = time.monotonic()
        value, topic = b"x" * size, cluster.name(TOPIC)
        headers = [("correlation", b"ORD-000000000000"), ("attempt", b"1"), ("causation", b"inventory.requests:0:0")]
        for start in range(0, count, BATCH):
            producer.begin()
            for number in range(start, min(start + BATCH, count)):
                producer.send(topic, f"ORD-{number:012d}".encode(), value, headers)
            producer.commit({}, None)
        if not done.wait(60):
            raise TimeoutError(f"the reader has not seen all of {count} records in 60 s")
        return count / (time.monotonic() - started)


def _read(cluster: Cluster, count: int, done: threading.Event) -> None:
    with cluster.consumer() as consumer:
        partitions: list[TopicPartition] = partitions_of(consumer, cluster, TOPIC)
        consumer.assign(partitions)
        consumer.seek_to_end(*partitions)
        seen = 0
        while seen < count:
            seen += sum(map(len, consumer.poll(timeout_ms=1_000).values()))
    done.set()
