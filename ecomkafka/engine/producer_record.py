"""An output as a producer record: topic and key by the flow, headers from the record that caused it."""

import threading
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kafka.errors import KafkaError, ProducerFencedError

from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Forward, Record
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.clients.transaction_errors import TAKEN
from ecomkafka.flow import ROUTES, correlation_of
from ecomkafka.machine.forks import Maker
from ecomkafka.messages import Message, encode
from ecomkafka.trace_context import HEADER as TRACEPARENT
from ecomkafka.trace_context import beginning, following

RETRY_SECONDS = 10.0
"""How long a client's request is retried."""
_PAUSE_SECONDS = 0.05
"""Pause between two attempts."""

LARGEST = 2_000_000
"""The largest record that fits into any topic of the shop (`max.message.bytes`), compressible or not; bytes."""
ROOMY = 1_000_000
"""The largest key and value, in bytes, with which any headers of the shop still fit."""


NO_CALLERS: Mapping[str, str | None] = {}


class Outgoing(NamedTuple):
    topic: str
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]
    partition: None = None
    """The key chooses it."""

    @property
    def size(self) -> int:
        return len(self.key) + len(self.value or b"") + sum(len(name) + len(value) for name, value in self.headers)


def outgoing(cluster: Cluster, cause: Record | None, answer: Message | Forward, caller: str | None = None) -> Outgoing:
    """The record for `answer`. Headers: correlation (the order), attempt, causation (the position of its cause), and
    the last two once more for other programs, as traceparent; `caller`: the one that a client asks to be continued.

    Raises ValueError if it is too large for any topic: a retry after an abort would fail in the same way.
    """
    if isinstance(answer, Forward):
        record = _forwarded(cluster, answer)
    else:
        record = _from_message(cluster, cause, answer, caller)
    if len(record.key) + len(record.value or b"") > ROOMY and record.size > LARGEST:
        raise ValueError(f"an answer for {record.topic} has {record.size:,} bytes: at most {LARGEST:,} can be sent")
    return record


def quarantined(cluster: Cluster, forward: Forward) -> Outgoing:
    """The record for quarantine: unchanged, or with its value cut where it would not fit with its new headers."""
    whole = _forwarded(cluster, forward)
    if whole.size <= LARGEST:
        return whole
    cut = ("cut", f"{whole.size} bytes are too many: the whole is at its origin".encode())
    return whole._replace(
        key=whole.key[:1_000], value=(whole.value or b"")[: LARGEST // 2], headers=[*_encoded(forward.headers), cut]
    )


def _from_message(cluster: Cluster, cause: Record | None, answer: Message, caller: str | None) -> Outgoing:
    topic, key = ROUTES[type(answer)]
    correlation = correlation_of(answer)
    headers = [("correlation", correlation.encode()), ("attempt", b"1")]
    if cause is None:
        headers.append((TRACEPARENT, beginning(correlation, caller).encode()))
    else:
        place = str(cause.position)
        headers.append(("causation", place.encode()))
        headers.append((TRACEPARENT, following(cause.header(TRACEPARENT), correlation, place).encode()))
    return Outgoing(cluster.name(topic), str(getattr(answer, key)).encode(), encode(answer), headers)


def _forwarded(cluster: Cluster, forward: Forward) -> Outgoing:
    record = forward.record
    place, order_id = str(record.position), record.header("correlation")
    added = {"causation": place, **forward.headers}
    if order_id is not None:  # somebody else's record belongs to no order, and stays as it is
        added[TRACEPARENT] = following(record.header(TRACEPARENT), order_id, place)
    others = [(name, value or b"") for name, value in record.headers if name not in added]
    headers = others + _encoded(added)
    # The key chooses the partition: where there is none, an empty one stands in.
    return Outgoing(cluster.name(forward.topic), record.key or b"", record.value, headers)


def _encoded(headers: dict[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode("utf-8", "replace")) for name, value in headers.items()]


class Sender:
    """Sends messages from outside the flow (a client's request): all messages of a call in one transaction, or none.

    A second sender with the same transactional id fences this one, which then takes the id over again: both send, in
    turns. Thread-safe.
    """

    def __init__(self, cluster: Cluster, transactional_id: str) -> None:
        self._cluster = cluster
        self._id = transactional_id
        self._producer: TransactionalProducer | None = None
        self._maker = Maker()
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def send(self, messages: Iterable[Message], callers: Mapping[str, str | None] = NO_CALLERS) -> None:
        """Send all of `messages` or none. Raises UnknownOutcomeError if the outcome is unknown: send them again then,
        every message of the shop may be repeated. After any other KafkaError none was sent.

        `callers`: by order, the traceparent that is continued.

        A transient refusal, for example a moved leader, is retried for RETRY_SECONDS, and so is the loss of the id to
        another sender: what it had begun by then is aborted. A forked child needs a sender of its own.
        """
        self._check_process()
        records = [outgoing(self._cluster, None, m, callers.get(correlation_of(m))) for m in messages]
        deadline = time.monotonic() + RETRY_SECONDS
        with self._lock:
            while True:
                try:
                    return self._try(records)
                except KafkaError as error:
                    if not error.retriable and not isinstance(error, TAKEN):
                        raise
                    if time.monotonic() > deadline or self._closing.wait(_PAUSE_SECONDS):
                        raise self._explained(error) from error

    def _explained(self, error: KafkaError) -> KafkaError:
        if not isinstance(error, TAKEN):
            return error
        return ProducerFencedError(
            f"{self._cluster.name(self._id)}: another client has taken this name, or Kafka has ended a transaction "
            "that took too long; nothing was sent. Send it again, and give each of two programs its own namespace "
            f"({error})"
        )

    def check(self) -> None:
        """Whether a transaction can be made: the last one worked, or the id can be taken over now. Raises if not."""
        self._check_process()
        with self._lock:
            self._try([])

    def _check_process(self) -> None:
        self._maker.check(f"the client {self._cluster.name(self._id)}", "make another one here")

    def _try(self, records: list[Outgoing]) -> None:
        if self._producer is None:
            self._producer = TransactionalProducer(self._cluster, self._id)
        try:
            self._producer.take_over()
            self._producer.begin()
            self._producer.send_all(records)
            self._producer.commit({}, None)
        except BaseException:
            self._producer.discard()
            self._producer = None
            raise

    def close(self) -> None:
        """Stop retrying; a later `send` makes a new producer."""
        self._closing.set()
        with self._lock:
            if self._producer is not None:
                self._producer.discard()
                self._producer = None
            self._closing.clear()
