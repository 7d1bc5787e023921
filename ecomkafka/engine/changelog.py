"""A state's changelog topic: written in the transaction of the change, restored when a partition is assigned.

So that a restart reads what is open and not all of history, the owner rewrites its whole state now and then (a
checkpoint) and commits, as its group's offset *of the changelog*, where that begins: a restore starts there. One
transaction does both, so they can't part.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from kafka import TopicPartition

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import group_of
from ecomkafka.clients.reader import partitions_of, read_to
from ecomkafka.clients.record import Record
from ecomkafka.clients.transaction import Sendable, TransactionalProducer
from ecomkafka.engine.state import State
from ecomkafka.flow import Hop
from ecomkafka.messages import encode

CHECKPOINT_AFTER = 3_000
"""A partition's checkpoint is due after so many changes, or twice its size if that is more: it costs at most half as
much again. So a restart reads at most this or three times what is in memory, and one transaction more.
"""

EMPTY: dict[str, Any] = {"": None}
"""The checkpoint of a state that has nothing in it: a tombstone of no key, since it has to begin somewhere."""

RESTORE_SECONDS = 60.0


class Changelog:
    def __init__(self, cluster: Cluster, topic: str, state_type: Any) -> None:
        self._cluster = cluster
        self._topic = cluster.name(topic)
        self._decoder = msgspec.json.Decoder(state_type)
        self._reader: Any = None
        self.length: dict[int, int] = {}
        """By partition, how many records a restart would read."""

    def records(self, changes: Mapping[int, Mapping[str, Any]]) -> Iterator[Sendable]:
        """What is to be sent for the changes of each partition."""
        for partition, entries in changes.items():
            for key, value in entries.items():
                yield self._topic, key.encode(), None if value is None else encode(value), [], partition
            self.length[partition] = self.length.get(partition, 0) + len(entries)

    def due(self, states: Mapping[int, State]) -> dict[int, State]:
        """The partitions whose checkpoint is due."""
        return {p: s for p, s in states.items() if self.length.get(p, 0) > max(CHECKPOINT_AFTER, 3 * len(s))}

    def checkpoint(self, producer: TransactionalProducer, states: Mapping[int, State]) -> dict[TopicPartition, int]:
        """Add the whole of `states` to the transaction; returns the offsets to commit with it: where they begin."""
        self.length |= dict.fromkeys(states, 0)
        producer.send_all(self.records({partition: state.snapshot() or EMPTY for partition, state in states.items()}))
        return producer.flush()

    def restore(self, consumer: Any, states: Mapping[int, State]) -> None:
        """Bring the empty state of each partition to what was committed last; `consumer` as for `read`."""
        for partition, entries in self.read(consumer, set(states)):
            states[partition].restore(entries)

    def read(self, consumer: Any, partitions: set[int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """What each partition's changelog says, from its last checkpoint on; `consumer` is a member of the owner's
        group.
        """
        if not partitions:
            return
        logs = [TopicPartition(self._topic, partition) for partition in partitions]
        starts = {log: consumer.committed(log, timeout_ms=15_000) or 0 for log in logs}
        # To the high watermark, not to the last stable offset: a former owner's last transaction may be committed while
        # its marker is not written yet.
        with self._cluster.consumer(isolation_level="read_uncommitted") as self._reader:
            ends = self._reader.end_offsets(logs)
        self.length = dict.fromkeys(partitions, 0)
        with self._cluster.consumer(max_poll_records=2_000) as self._reader:
            for record in read_to(self._reader, self._cluster, starts, ends, RESTORE_SECONDS):
                self.length[record.partition] += 1
                key = (record.key or b"").decode()
                yield record.partition, {key: None if record.value is None else self._decode(record)}

    def _decode(self, record: Record) -> Any:
        """Fields of a newer version are passed over; a kind of state that only that knows must not be lost."""
        try:
            return self._decoder.decode(record.value or b"")
        except msgspec.DecodeError as error:
            raise ValueError(
                f"{record.position}: a state that this version can't read: {error}. If a newer version has written it, "
                "run that: docs/upgrading.md says which may run beside which"
            ) from error

    def cut_off(self) -> None:
        """From another thread: let a `read` that is under way fail now."""
        if self._reader is not None:
            self._reader.close(timeout_ms=0)


def table(cluster: Cluster, hop: Hop, state_type: Any) -> dict[str, Any]:
    """A service's whole state as its changelog has it: what an instance that started now would know."""
    assert hop.changelog is not None, f"{hop.service} has no state"
    rows: dict[str, Any] = {}
    with cluster.consumer(group_of(hop.service)) as consumer:
        partitions = {partition.partition for partition in partitions_of(consumer, cluster, hop.changelog)}
        for _, entries in Changelog(cluster, hop.changelog, state_type).read(consumer, partitions):
            rows |= entries
    return {key: value for key, value in rows.items() if value is not None}
