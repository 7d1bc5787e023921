"""How an answer becomes a record: topic and key from the flow, headers from its cause."""

import threading
from collections.abc import Iterable
from typing import NamedTuple

from ecomkafka.flow import ROUTES, correlation_of
from ecomkafka.messages import Message, encode
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.record import Forward, Record
from ecomkafka.runtime.transaction import TransactionalProducer


class Outgoing(NamedTuple):
    topic: str
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


def outgoing(cluster: Cluster, cause: Record | None, answer: Message | Forward) -> Outgoing:
    """The record for `answer`. Headers: correlation (the order), causation (where its cause is), attempt."""
    if isinstance(answer, Forward):
        return _forwarded(cluster, answer)
    topic, key = ROUTES[type(answer)]
    headers = [("correlation", correlation_of(answer).encode()), ("attempt", b"1")]
    if cause is not None:
        headers.append(("causation", str(cause.position).encode()))
    return Outgoing(cluster.name(topic), str(getattr(answer, key)).encode(), encode(answer), headers)


def _forwarded(cluster: Cluster, forward: Forward) -> Outgoing:
    record = forward.record
    added = {"causation": str(record.position), **forward.headers}
    kept = [(name, value or b"") for name, value in record.headers if name not in added]
    headers = kept + [(name, value.encode()) for name, value in added.items()]
    # Kafka takes a record without a value as a tombstone, kafka-python none without both: the key stands in.
    return Outgoing(cluster.name(forward.topic), record.key or b"", record.value, headers)


class Sender:
    """Sends messages from outside the flow (a client's request): all of a call in one transaction, or none.

    One transactional id, one sender: a second one with the same id fences this one, which then makes itself anew. Thread-safe.
    """

    def __init__(self, cluster: Cluster, transactional_id: str) -> None:
        self._cluster = cluster
        self._id = transactional_id
        self._producer: TransactionalProducer | None = None
        self._lock = threading.Lock()

    def send(self, messages: Iterable[Message]) -> None:
        """Send all of `messages` or none. Raises UnknownOutcomeError if the broker did not say which: then send them again,
        every message of ours is safe to repeat; any other KafkaError: none was sent."""
        records = [outgoing(self._cluster, None, message) for message in messages]
        with self._lock:
            if self._producer is None:
                self._producer = TransactionalProducer(self._cluster, self._id)
            try:
                self._producer.begin()
                for record in records:
                    self._producer.send(*record)
                self._producer.commit({}, None)
            except BaseException:
                self._producer.discard()
                self._producer = None
                raise

    def close(self) -> None:
        with self._lock:
            if self._producer is not None:
                self._producer.discard()
                self._producer = None
