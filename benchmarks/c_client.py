"""The same hops on the C client (librdkafka, by confluent-kafka): exactly once in each, and no logic.

Each hop reads what the one before wrote and writes, for each record, about as many records as the shop does: events,
commands, changelogs. The first five letters of a value say which step of the saga the record is.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, Self

from confluent_kafka import Consumer, KafkaException, Producer

from benchmarks.load import WAIT_SECONDS
from ecomkafka.clients import Cluster

VALUE = b"x" * 250
"""About as long as a message of the shop."""

_LIMIT = 10.0
_QUIET = {"log_level": 3}
"""Errors alone: a coordinator that is not there yet is asked again."""
_POLL_SECONDS = 0.1
_RECORDS = 1_000
"""Most in a transaction, as in the shop."""

Outputs = Sequence[tuple[str, bytes]]
"""Topic, and the step that the record is."""


class Hop(NamedTuple):
    name: str
    reads: tuple[str, ...]
    writes: dict[bytes, Outputs]
    """By step of the record that was read."""


_STOCK: Outputs = (("inventory.events", b"event"), ("inventory.stock", b"state"))
HOPS = (
    Hop(
        "inventory",
        ("inventory.requests",),
        {
            b"first": (("inventory.responses", b"first"), *_STOCK),
            b"last.": (("inventory.responses", b"last."), *_STOCK),
            b"deduc": _STOCK,
        },
    ),
    Hop(
        "order",
        ("orders.events", "inventory.responses"),
        {
            b"creat": (("orders.sagas", b"state"),),
            b"first": (("orders.sagas", b"state"),),
            b"last.": (
                *(("orders.events", b"confi"), ("orders.sagas", b"state"), ("notifications.requests", b"notif")),
                *(("inventory.requests", b"deduc"), ("inventory.requests", b"deduc")),
            ),
        },
    ),
    Hop("notification", ("notifications.requests",), {b"notif": (("notifications.events", b"told."),)}),
    Hop("analytics", ("orders.events", "inventory.events", "notifications.events"), {}),
)
ORDER: Outputs = (("orders.events", b"creat"), ("inventory.requests", b"first"), ("inventory.requests", b"last."))


class CShop:
    """The four hops as threads, and a client; `counted` says how many events the last hop has read."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stopping = threading.Event()
        self._client = _producer(cluster, "c-client")
        self.counted = self._orders = 0
        self._threads = [threading.Thread(target=self._run, args=[hop], name=hop.name, daemon=True) for hop in HOPS]
        self._failures: list[BaseException] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(_LIMIT)
        if self._failures:
            raise self._failures[0]

    def place(self, count: int) -> list[str]:
        """So many orders in one transaction; returns their ids."""
        ids = [f"C-{self._orders + number}" for number in range(count)]
        self._orders += count
        self._client.begin_transaction()
        for order_id in ids:
            _write(self._client, self._cluster, order_id.encode(), ORDER)
        self._client.commit_transaction(_LIMIT)
        return ids

    def _run(self, hop: Hop) -> None:
        try:
            with _consumer(self._cluster, hop) as consumer:
                producer = _producer(self._cluster, f"c-{hop.name}")
                while not self._stopping.is_set():
                    if (first := consumer.poll(_POLL_SECONDS)) is not None:
                        self._transact(hop, consumer, producer, [first, *consumer.consume(_RECORDS - 1, 0)])
        except BaseException as failure:  # noqa: BLE001 - raised at the end of the block
            self._failures.append(failure)

    def _transact(self, hop: Hop, consumer: Consumer, producer: Producer, records: list[Any]) -> None:
        producer.begin_transaction()
        for record in records:
            if record.error():
                raise KafkaException(record.error())
            _write(producer, self._cluster, record.key(), hop.writes.get(record.value()[:5], ()))
        positions = consumer.position(consumer.assignment())
        producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata(), _LIMIT)
        producer.commit_transaction(_LIMIT)
        if hop is HOPS[-1]:
            self.counted += len(records)


def _write(producer: Producer, cluster: Cluster, key: bytes, outputs: Outputs) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    for topic, step in outputs:
        while True:
            try:
                producer.produce(cluster.name(topic), step + VALUE, key)
                break
            except BufferError:
                if time.monotonic() > deadline:
                    raise
                producer.poll(_POLL_SECONDS)


def _producer(cluster: Cluster, transactional_id: str) -> Producer:
    producer = Producer(
        {
            "bootstrap.servers": ",".join(cluster.bootstrap),
            "transactional.id": cluster.name(transactional_id),
            "compression.type": "lz4",
            "linger.ms": 1,
            "retry.backoff.ms": 5,  # as the others: 100 ms by default, which it sleeps while markers are written
            **_QUIET,
        }
    )
    producer.init_transactions(_LIMIT)
    return producer


@contextmanager
def _consumer(cluster: Cluster, hop: Hop) -> Iterator[Consumer]:
    consumer = Consumer(
        {
            "bootstrap.servers": ",".join(cluster.bootstrap),
            "group.id": cluster.name(f"c-{hop.name}"),
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            **_QUIET,
        }
    )
    consumer.subscribe([cluster.name(topic) for topic in hop.reads])
    try:
        yield consumer
    finally:
        with suppress(KafkaException):
            consumer.close()
