"""Readers of whole topics: `read`, once and to the end; `Follower`, in a thread and for as long as it runs."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from ecomkafka.clients.kafka_cluster import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.contracts.codec import UndecodableError
from ecomkafka.flow import CODECS
from ecomkafka.waiting import until

POSITIONS_MS = 500
"""A broker that lives answers sooner."""

KNOWN_SECONDS = 2.0
"""Until every broker knows of a topic that was made at another one just now."""

_BACKOFF_SECONDS = 0.2
_STOP_SECONDS = 15.0
"""A client that is being made takes up to 3 s, and one that is being closed too."""


def read(cluster: Cluster, *topics: str, timeout: float = 60.0) -> list[Record]:
    """Every committed record of `topics`, by topic and partition in log sequence; `message` None if it is none, or of
    a type that this version does not know.

    Raises TimeoutError if the end was not reached in `timeout` seconds, LookupError if a topic does not exist.
    """
    with cluster.consumer(max_poll_records=2_000) as consumer:
        partitions = [partition for topic in topics for partition in partitions_of(consumer, cluster, topic)]
        ends = consumer.end_offsets(partitions)
        records = list(read_to(consumer, cluster, dict.fromkeys(partitions, 0), ends, timeout))
    order = {topic: number for number, topic in enumerate(topics)}
    return sorted(records, key=lambda record: (order[record.topic], record.partition, record.offset))


def partitions_of(consumer: KafkaConsumer, cluster: Cluster, topic: str) -> list[TopicPartition]:
    """The topic's partitions. Raises LookupError that says how to create it."""
    name = cluster.name(topic)
    try:
        found = until(lambda: consumer.partitions_for_topic(name), KNOWN_SECONDS)
    except TimeoutError:
        raise LookupError(f"topic {name!r} does not exist: 'ecomkafka create-topics' makes it") from None
    return [TopicPartition(name, partition) for partition in sorted(found)]


def positions(consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """The next offset of each partition, as far as it is known after POSITIONS_MS for all of them together.

    kafka-python 3.0.12 validates positions after a change of leader (KIP-320). A call of `position` that has no limit
    waits for this as long as a request may take, so long as one of the leaders is dead.
    """
    deadline, known = time.monotonic() + POSITIONS_MS / 1000, {}
    for partition in partitions:
        left = max(0, round(1000 * (deadline - time.monotonic())))
        if (offset := consumer.position(partition, timeout_ms=left)) is not None:
            known[partition] = offset
    return known


def unread(consumer: KafkaConsumer, ends: Mapping[TopicPartition, int]) -> list[TopicPartition]:
    """The partitions that are not known to be read to their ends."""
    known = positions(consumer, ends)
    return [partition for partition, end in ends.items() if known.get(partition, -1) < end]


def read_to(
    consumer: KafkaConsumer,
    cluster: Cluster,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    timeout: float,
) -> Iterator[Record]:
    """The committed records of each partition from its start to its end."""
    deadline = time.monotonic() + timeout
    consumer.assign(list(starts))
    first = consumer.beginning_offsets(list(starts))
    for partition, start in starts.items():
        consumer.seek(partition, max(start, first[partition]))
    while left := unread(consumer, {partition: ends[partition] for partition in starts}):
        if time.monotonic() > deadline:
            names = ", ".join(f"{p.topic}:{p.partition}" for p in left)
            raise TimeoutError(
                f"{names}: the end was not reached in {timeout:.0f} s: a transaction may be open, or the broker is gone"
            )
        for partition, batch in consumer.poll(timeout_ms=20).items():
            for raw in batch:
                if raw.offset < ends[partition]:
                    yield to_record(cluster, raw)


def to_record(cluster: Cluster, raw: Any) -> Record:
    """A client's record as a Record: with the logical topic name, and the decoded value where that is possible."""
    topic = cluster.logical(raw.topic)
    codec = CODECS.get(topic)
    try:
        message = codec.decode(raw.value) if codec else None
    except UndecodableError:
        message = None
    place = topic, raw.partition, raw.offset
    return Record(*place, raw.key, raw.value, tuple(raw.headers), raw.timestamp, message, _producer(raw))


def _producer(raw: Any) -> tuple[int, int] | None:
    """None for a record of no transaction, and from a consumer of kafka-python as it is."""
    return raw.checksum if isinstance(raw.checksum, tuple) and raw.checksum[0] >= 0 else None


class Follower(ABC):
    """Reads topics from their beginning, each record once, in a thread; use it in a `with` block.

    It waits for a broker that is away; `trouble` gives the cause meanwhile.
    """

    def __init__(self, cluster: Cluster, topics: Iterable[str], name: str) -> None:
        self.cluster = cluster
        self._topics, self._name = tuple(topics), name
        self._positions: dict[TopicPartition, int] = {}
        """The next offset of each partition; the subclass writes it."""
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        """The error that has ended the thread."""
        self.trouble: Exception | None = None
        """The reason why the newest records may be missing."""

    @abstractmethod
    def _read(self, consumer: KafkaConsumer) -> None:
        """Poll once and note what came, with the positions."""

    def start(self) -> Self:
        if self._thread is not None and self._thread.is_alive():
            raise RuntimeError(f"the {self._name} reads already: stop() it first")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Raises TimeoutError if the thread does not end in 15 s."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
            if self._thread.is_alive():
                raise TimeoutError(f"the {self._name} did not stop in {_STOP_SECONDS:.0f} s")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self.cluster.consumer(max_poll_records=2_000) as consumer:
                    self._resume(consumer)
                    while not self._stopping.is_set():
                        self._read(consumer)
            except (KafkaError, ConnectionError, LookupError) as error:
                self.trouble = error
                self._stopping.wait(_BACKOFF_SECONDS)
            except Exception as error:  # noqa: BLE001 - the thread's last frame: `trouble` tells it
                self.trouble = self._failure = error
                return

    def _resume(self, consumer: KafkaConsumer) -> None:
        partitions = [p for topic in self._topics for p in partitions_of(consumer, self.cluster, topic)]
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, self._positions.get(partition, 0))
        self.trouble = None
