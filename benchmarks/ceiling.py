"""The most that the bare client can do: the same records, one loop that writes, one that reads, no logic."""

import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from kafka.consumer.fetcher import Fetcher

from benchmarks.load import WAIT_SECONDS
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.reader import partitions_of
from ecomkafka.runtime.transaction import TransactionalProducer

TOPIC = "orders.events"
BATCH = 500
"""Records in a transaction."""


class Body(NamedTuple):
    """What of a record costs time."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


class Bare(TransactionalProducer):
    """Sends as the client itself does, and waits for commits with a limit."""

    def send(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
        partition: int | None = None,
    ) -> Any:
        self._futures.append(self._producer.send(topic, key=key, value=value, headers=headers, partition=partition))
        return self._futures[-1]


class Ceiling:
    """Writes in transactions and reads committed at the same time, in a namespace where nobody else does."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._producer = Bare(cluster, "ceiling")
        self._seen = self._sent = 0
        self._came = threading.Condition()
        self._stopping = threading.Event()
        self._reader = threading.Thread(target=self._read, name="ceiling", daemon=True)

    def __enter__(self) -> Self:
        self._producer.__enter__()
        self._reader.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self._reader.join(5)
        self._producer.discard()

    def seconds(self, bodies: Sequence[Body]) -> float:
        """How long it takes until `bodies` are written and read."""
        started = time.monotonic()
        topic = self._cluster.name(TOPIC)
        for start in range(0, len(bodies), BATCH):
            self._producer.begin()
            for body in bodies[start : start + BATCH]:
                self._producer.send(topic, *body)
            self._producer.commit({}, None)
        self._sent += len(bodies)
        with self._came:
            if not self._came.wait_for(lambda: self._seen >= self._sent, WAIT_SECONDS):
                raise TimeoutError(
                    f"{self._sent - self._seen} of {self._sent} records not read in {WAIT_SECONDS:.0f} s"
                )
        return time.monotonic() - started

    def _read(self) -> None:
        with self._cluster.consumer() as consumer:
            consumer._fetcher.PartitionRecords = Fetcher.PartitionRecords  # without our compiled code
            consumer.assign(partitions_of(consumer, self._cluster, TOPIC))
            while not self._stopping.is_set():
                came = sum(map(len, consumer.poll(timeout_ms=100).values()))
                with self._came:
                    self._seen += came
                    self._came.notify_all()
