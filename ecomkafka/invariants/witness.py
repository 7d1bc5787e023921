"""The witness: a reader that runs all the time; what it saw must equal what is there at the end."""

import threading
import time
from array import array
from collections import defaultdict
from collections.abc import Callable
from typing import Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of, to_record
from ecomkafka.clients.record import Record
from ecomkafka.flow import CODECS
from ecomkafka.invariants.facts import checksum

Seen = dict[tuple[str, int], list[int]]

_BACKOFF_SECONDS = 0.2
_QUIET_SECONDS = 1.0
"""After so long without a record Kafka is asked whether it is there: a client waits in silence for one that is away."""

_ANSWER_SECONDS = 2.0
_STOP_SECONDS = 15.0
"""A client that is being made takes up to 3 s, one that is being closed may as well."""


class Witness:
    """Reads every topic with messages, read_committed, in a thread; use it in a `with` block.

    `on_record` is told each record as it comes, in the witness's thread.
    `sync()` before `seen` is compared. A broker that is away is waited for; meanwhile `trouble` says what is wrong.
    """

    def __init__(self, cluster: Cluster, on_record: Callable[[Record], None] = lambda record: None) -> None:
        self.cluster = cluster
        self._on_record = on_record
        self._seen: dict[tuple[str, int], array[int]] = defaultdict(lambda: array("q"))
        self._checksums: dict[tuple[str, int], array[int]] = defaultdict(lambda: array("I"))
        """Twelve bytes a record in all, for as long as it reads."""
        self._positions: dict[TopicPartition, int] = {}
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        self._answered_at = 0.0
        self.trouble: Exception | None = None
        """Why it may not know the newest: Kafka is away, or the reading has ended."""

    @property
    def seen(self) -> Seen:
        """The offsets in the order in which they came, by topic and partition: `Facts.witnessed`."""
        with self._lock:
            return {place: list(offsets) for place, offsets in self._seen.items()}

    @property
    def checksums(self) -> Seen:
        """Those of the contents, in the same order: `Facts.checksums`."""
        with self._lock:
            return {place: list(sums) for place, sums in self._checksums.items()}

    def start(self) -> Self:
        if self._thread is not None and self._thread.is_alive():
            raise RuntimeError("the witness reads already: stop() it first")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)
        self._thread.start()
        return self

    def sync(self, timeout: float = 30.0) -> None:
        """Until it has read what is there now. Raises TimeoutError, or what ended the reading."""
        with self.cluster.consumer() as consumer:
            ends = consumer.end_offsets([p for topic in CODECS for p in partitions_of(consumer, self.cluster, topic)])
        deadline = time.monotonic() + timeout
        while unread := [p for p, end in ends.items() if self._positions.get(p, 0) < end]:
            if self._failure is not None:
                raise self._failure
            if time.monotonic() > deadline:
                names = ", ".join(f"{p.topic}:{p.partition}" for p in unread)
                raise TimeoutError(f"the witness has not reached the end of {names} in {timeout:.0f} s")
            time.sleep(0.02)

    def stop(self) -> None:
        """Raises TimeoutError if it does not end in 15 s."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
            if self._thread.is_alive():
                raise TimeoutError(f"the witness did not stop in {_STOP_SECONDS:.0f} s")

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
                        self._listen(consumer)
            except (KafkaError, ConnectionError, LookupError) as error:
                self.trouble = error
                self._stopping.wait(_BACKOFF_SECONDS)
            except Exception as error:  # noqa: BLE001 - the thread's last frame: `sync` raises it
                self.trouble = self._failure = error
                return

    def _resume(self, consumer: KafkaConsumer) -> None:
        partitions = [p for topic in CODECS for p in partitions_of(consumer, self.cluster, topic)]
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, self._positions.get(partition, 0))
        self._note_answer()

    def _note_answer(self) -> None:
        self._answered_at, self.trouble = time.monotonic(), None

    def _listen(self, consumer: KafkaConsumer) -> None:
        """Whether Kafka still answers, if it has been silent for a while."""
        if time.monotonic() - self._answered_at < _QUIET_SECONDS:
            return
        try:
            consumer.end_offsets(list(consumer.assignment()), timeout_ms=int(1000 * _ANSWER_SECONDS))
            self._note_answer()
        except KafkaError as error:
            self.trouble = TimeoutError("Kafka does not answer")
            self.trouble.__cause__ = error

    def _read(self, consumer: KafkaConsumer) -> None:
        polled = consumer.poll(timeout_ms=100)
        with self._lock:
            for partition, records in polled.items():
                place = (self.cluster.logical(partition.topic), partition.partition)
                self._seen[place].extend(record.offset for record in records)
                self._checksums[place].extend(checksum(record) for record in records)
                self._positions[partition] = records[-1].offset + 1
        if polled:
            self._note_answer()
        for record in (record for records in polled.values() for record in records):
            self._on_record(to_record(self.cluster, record))
        for partition in consumer.assignment():  # behind the last record may be a transaction's marker
            self._positions[partition] = consumer.position(partition) or self._positions.get(partition, 0)
