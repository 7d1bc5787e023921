"""A few records of a topic: the newest, those from an offset on, or those with a key."""

import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from kafka import KafkaConsumer, TopicPartition

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of, read_to
from ecomkafka.clients.record import Record

MAX_RECORDS = 50
"""Records at once."""

SECONDS = 5.0
"""Of reading; what was found by then is shown, and that there may be more is said."""

_WIDER = 8


@dataclass(frozen=True)
class Wanted:
    """Which records. Raises ValueError that says what is allowed."""

    topic: str
    partition: int | None = None
    """None: all."""
    offset: int | None = None
    """From this one on, forwards; None: the newest."""
    key: str = ""
    """Only records with this key; "": any."""
    count: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_RECORDS:
            raise ValueError(f"how many is {self.count}: 1 to {MAX_RECORDS} records are shown at once")
        if self.offset is not None and self.partition is None:
            raise ValueError(f"from offset {self.offset}: choose a partition, each one counts its own offsets")


@dataclass(frozen=True)
class Found:
    records: list[Record]
    in_time: bool = True
    """False: the time was up before all that was wanted was read."""


def look(cluster: Cluster, wanted: Wanted) -> Found:
    """The newest first, or, with an offset, as they lie in the log; committed records only.

    Raises ValueError for a partition, an offset or a key that is not there, LookupError if the topic does not exist.
    """
    with cluster.consumer(max_poll_records=1_000) as consumer:
        partitions = partitions_of(consumer, cluster, wanted.topic)
        if wanted.partition is not None:
            partitions = [p for p in partitions if p.partition == wanted.partition]
            if not partitions:
                raise ValueError(f"partition {wanted.partition}: {wanted.topic} has none with this number")
        reading = _Reading(consumer, cluster, wanted, partitions)
        found = reading.newest() if wanted.offset is None else reading.onwards(wanted.offset)
    if wanted.key and not found.records:
        where = wanted.topic if wanted.partition is None else f"{wanted.topic}:{wanted.partition}"
        since = "" if wanted.offset is None else f" from offset {wanted.offset} on"
        searched = "" if found.in_time else f" that was read in {SECONDS:.0f} s: choose its partition or an offset"
        raise ValueError(f"key {wanted.key!r:.80}: no record of {where}{since} has it{searched}")
    return found


class _Reading:
    def __init__(
        self, consumer: KafkaConsumer, cluster: Cluster, wanted: Wanted, partitions: list[TopicPartition]
    ) -> None:
        self._consumer, self._cluster, self._wanted = consumer, cluster, wanted
        self._key = wanted.key.encode()
        self._firsts = consumer.beginning_offsets(partitions)
        self._ends = consumer.end_offsets(partitions)
        self._deadline = time.monotonic() + SECONDS
        self._in_time = True

    def onwards(self, offset: int) -> Found:
        """Records of the one partition, from `offset` on."""
        ((partition, end),) = self._ends.items()
        first = self._firsts[partition]
        if not first <= offset < end:
            has = f"has offsets {first} to {end - 1}" if first < end else "is empty"
            raise ValueError(f"offset {offset}: {self._wanted.topic}:{partition.partition} {has}")
        records = list(islice(self._read({partition: offset}, self._ends), self._wanted.count))
        return Found(records, self._in_time)

    def newest(self) -> Found:
        """Look back from the end, ever further: most offsets of a quiet topic are markers, and a key may be rare."""
        count, span = self._wanted.count, 4 * self._wanted.count
        found: dict[int, list[Record]] = {p.partition: [] for p in self._ends}
        until = dict(self._ends)
        while self._in_time and (
            few := [p for p, first in self._firsts.items() if len(found[p.partition]) < count and first < until[p]]
        ):
            starts = {p: max(self._firsts[p], until[p] - span) for p in few}
            last = {p.partition: deque[Record](maxlen=count) for p in few}
            for record in self._read(starts, until):
                last[record.partition].append(record)
            for partition, records in last.items():
                found[partition].extend(records)
            until, span = until | starts, span * _WIDER
        ordered = sorted((record for records in found.values() for record in records), key=_age, reverse=True)
        return Found(ordered[:count], self._in_time)

    def _read(self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> Iterator[Record]:
        """Those with the key, until the time is up."""
        try:
            for record in read_to(self._consumer, self._cluster, starts, ends, self._deadline - time.monotonic()):
                if not self._key or record.key == self._key:
                    yield record
        except TimeoutError:
            self._in_time = False


def _age(record: Record) -> tuple[int, int, int]:
    return record.timestamp, record.partition, record.offset
