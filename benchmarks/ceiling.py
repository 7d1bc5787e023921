"""The most that the bare client can do: the same records, one loop that writes, one that reads, no logic."""

import threading
import time
from collections.abc import Sequence
from typing import NamedTuple, Self

from kafka.consumer.fetcher import Fetcher

from benchmarks.load import WAIT_SECONDS
from ecomkafka.clients import Cluster
from ecomkafka.clients.internals.batches import unpack_with
from ecomkafka.clients.reader import partitions_of

TOPIC = "orders.events"
BATCH = 500
"""Records in a transaction."""


class Body(NamedTuple):
    """What of a record costs time."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


class Ceiling:
    """Writes in transactions and reads committed at the same time, in a namespace where nobody else does."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._producer = cluster.producer("ceiling")
        self._seen = self._sent = 0
        self._came = threading.Condition()
        self._stopping = threading.Event()
        self._reader = threading.Thread(target=self._read, name="ceiling", daemon=True)

    def __enter__(self) -> Self:
        self._producer.init_transactions()
        self._reader.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self._reader.join(5)
        self._producer.close(timeout=5)

    def seconds(self, bodies: Sequence[Body]) -> float:
        """How long it takes until `bodies` are written and read."""
        started = time.monotonic()
        topic = self._cluster.name(TOPIC)
        for start in range(0, len(bodies), BATCH):
            self._producer.begin_transaction()
            for key, value, headers in bodies[start : start + BATCH]:
                self._producer.send(topic, key=key, value=value, headers=headers)
            self._producer.commit_transaction()
        self._sent += len(bodies)
        with self._came:
            if not self._came.wait_for(lambda: self._seen >= self._sent, WAIT_SECONDS):
                raise TimeoutError(
                    f"{self._sent - self._seen} of {self._sent} records not read in {WAIT_SECONDS:.0f} s"
                )
        return time.monotonic() - started

    def _read(self) -> None:
        with self._cluster.consumer() as consumer:
            unpack_with(consumer, Fetcher.PartitionRecords)  # without our compiled code
            consumer.assign(partitions_of(consumer, self._cluster, TOPIC))
            while not self._stopping.is_set():
                came = sum(map(len, consumer.poll(timeout_ms=100).values()))
                with self._came:
                    self._seen += came
                    self._came.notify_all()
