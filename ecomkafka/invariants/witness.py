"""The witness: a reader that runs all the time; what it saw must equal what is there at the end."""

import time
from array import array
from collections import defaultdict
from collections.abc import Callable

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import Follower, partitions_of, positions, to_record
from ecomkafka.clients.record import Record
from ecomkafka.flow import CODECS
from ecomkafka.invariants.facts import checksum
from ecomkafka.waiting import seconds

Seen = dict[tuple[str, int], list[int]]

_QUIET_SECONDS = 1.0
"""After this time without a record Kafka is asked for an answer: a consumer waits silently for a dead broker."""

_ANSWER_SECONDS = 2.0


class Witness(Follower):
    """Reads every topic with messages, read_committed, in a thread; use it in a `with` block.

    Its thread calls `on_record` with each record as it comes. Call `sync()` before `seen` is compared.
    """

    def __init__(self, cluster: Cluster, on_record: Callable[[Record], None] = lambda record: None) -> None:
        super().__init__(cluster, CODECS, "witness")
        self._on_record = on_record
        self._seen: dict[tuple[str, int], array[int]] = defaultdict(lambda: array("q"))
        self._checksums: dict[tuple[str, int], array[int]] = defaultdict(lambda: array("I"))
        """Twelve bytes per record in all, for as long as it reads."""
        self._answered_at = 0.0

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

    def sync(self, timeout: float = 30.0) -> None:
        """Wait until it has read all that is there at the call. Raises TimeoutError, or the error that ended it."""
        timeout = seconds(timeout)
        if self._thread is None:
            raise RuntimeError("the witness does not read: start() it before what it is to see")
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

    def _resume(self, consumer: KafkaConsumer) -> None:
        super()._resume(consumer)
        self._note_answer()

    def _note_answer(self) -> None:
        self._answered_at, self.trouble = time.monotonic(), None

    def _check_answer(self, consumer: KafkaConsumer) -> None:
        """Ask whether Kafka still answers, if no record has come for a while."""
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
        # Behind the last record may be a transaction's marker.
        self._positions.update(positions(consumer, consumer.assignment()))
        self._check_answer(consumer)
