"""How a service runs: poll -> handle -> outputs, changelog and offsets in one Kafka transaction.

If anything goes wrong the transaction counts for nothing, and position and state go back to the last commit. Nothing else is needed for
exactly once inside Kafka; effects outside it are repeated and must be idempotent.
"""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kafka import ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from kafka.errors import FencedInstanceIdError, KafkaError

from ecomkafka.logs import tell
from ecomkafka.runtime.batch import RetryLater, handle_batch, tick
from ecomkafka.runtime.changelog import Changelog
from ecomkafka.runtime.groups import leave
from ecomkafka.runtime.outbox import outgoing
from ecomkafka.runtime.state import State
from ecomkafka.runtime.transaction import TransactionalProducer, UnknownOutcomeError

if TYPE_CHECKING:
    from ecomkafka.runtime.worker import Worker

POLL_MS = 250
TICK_SECONDS = 0.25
IDLE_SECONDS = 0.5
FETCH_MS = 15_000
"""Fetching a committed offset waits for the transaction that may still change it: at most a transaction timeout."""


class Loop:
    """One life of a worker: its consumer, its producer, its partitions' state. Lives in one thread."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        self._cluster = worker.cluster
        self._group = f"{worker.name}-service"
        topic = worker.hop.changelog
        self._changelog = Changelog(worker.cluster, topic, worker.state_type) if topic else None
        self._states: dict[int, State] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._due: dict[TopicPartition, datetime] = {}
        self._producer: TransactionalProducer | None = None
        self._stale = True
        """The assignment has changed or a transaction went wrong: go back to the last commit before anything else."""
        self._quiet_since = time.monotonic()

    def run(self) -> None:
        worker = self._worker
        self._consumer = self._cluster.consumer(self._group, worker.identity, max_poll_records=worker.max_records)
        try:
            topics = [self._cluster.name(topic) for topic in worker.hop.reads]
            self._consumer.subscribe(topics, listener=_Flag(self))
            self._work()
        except BaseException:
            self._close()
            raise
        self._close()
        leave(self._cluster, self._group, worker.identity)

    def _work(self) -> None:
        next_tick, backoff = 0.0, 0.1
        while not self._worker.stopping.is_set():
            try:
                polled = self._poll()
                if self._stale:
                    self._go_back()
                elif polled or time.monotonic() >= next_tick:
                    next_tick = time.monotonic() + TICK_SECONDS
                    self._transact(polled)
                backoff = 0.1
            except FencedInstanceIdError:
                raise
            except (KafkaError, UnknownOutcomeError, TimeoutError, ConnectionError, RetryLater) as error:
                self._stale = True
                self._worker.recovering(error)
                self._worker.stopping.wait(backoff)
                backoff = min(2 * backoff, 2.0)

    def _poll(self) -> dict[TopicPartition, list[Any]]:
        now = self._worker.clock.now()
        for partition in [partition for partition, due in self._due.items() if due <= now]:
            del self._due[partition]
            self._consumer.resume(partition)
        polled: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=POLL_MS)
        if polled:
            self._quiet_since = time.monotonic()
            self._worker.at("after_poll")
        return polled

    def _transact(self, polled: dict[TopicPartition, list[Any]]) -> None:
        """Handle the batch and commit what comes of it, all or nothing."""
        batch = handle_batch(self._worker, polled, self._states)
        answers = batch.answers + tick(self._worker, self._states)
        changes = {partition: state.changes() for partition, state in self._states.items()}
        offsets = batch.offsets or self._past_markers()
        if not (answers or offsets or any(changes.values())):
            return self._leave_for_later(batch.left)
        self._worker.at("after_handling")
        producer = self._begin()
        for cause, message in answers:
            producer.send(*outgoing(self._cluster, cause, message))
        if self._changelog:
            self._changelog.write(producer, changes)
        self._commit(producer, offsets)
        self._leave_for_later(batch.left)
        for state in self._states.values():
            state.commit()
        self._worker.handled += sum(map(len, polled.values()))
        tell(self._worker.name, self._worker.instance, (answer.message for answer in answers))
        self._checkpoint()

    def _begin(self) -> TransactionalProducer:
        assert self._producer is not None, "_go_back makes it before the first transaction"
        self._producer.begin()
        return self._producer

    def _commit(self, producer: TransactionalProducer, offsets: dict[TopicPartition, int]) -> None:
        # Even if no offset moved, some go along: with them the group's generation, by which a zombie is fenced (KIP-447).
        stamp = self._worker.clock.now().isoformat(timespec="milliseconds")
        moved = {p: OffsetAndMetadata(offset, stamp, -1) for p, offset in (offsets or self._committed).items()}
        producer.commit(moved, self._consumer.group_metadata(), self._worker.at)
        self._committed |= {p: offset for p, offset in offsets.items() if p in self._committed}
        self._worker.at("after_commit")

    def _leave_for_later(self, left: dict[TopicPartition, tuple[int, datetime | None]]) -> None:
        """Come back to these records; a partition that waits for its time is paused, the others go on."""
        for partition, (offset, due) in left.items():
            self._consumer.seek(partition, offset)
            if due is not None:
                self._consumer.pause(partition)
                self._due[partition] = due

    def _past_markers(self) -> dict[TopicPartition, int]:
        """When it is quiet: positions behind transaction markers, offsets without a record. Committed, they make the lag 0."""
        if time.monotonic() - self._quiet_since < IDLE_SECONDS:
            return {}
        positions = {p: self._consumer.position(p, timeout_ms=1_000) for p in self._committed if p not in self._due}
        return {p: position for p, position in positions.items() if position and position > self._committed[p]}

    def _checkpoint(self) -> None:
        if self._changelog and (due := self._changelog.due(self._states)):
            producer = self._begin()
            self._commit(producer, self._changelog.checkpoint(producer, due))

    def _go_back(self) -> None:
        """Make position and state those of the last commit, with a producer that fences whoever else uses its id."""
        self._stale = False
        self._drop_producer()
        self._producer = TransactionalProducer(self._cluster, self._worker.identity)
        assigned: set[TopicPartition] = self._consumer.assignment()
        first = self._consumer.beginning_offsets(list(assigned)) if assigned else {}
        self._due, self._committed = {}, {}
        for partition in assigned:
            committed = self._consumer.committed(partition, timeout_ms=FETCH_MS)
            self._committed[partition] = max(committed or 0, first[partition])
            self._consumer.seek(partition, self._committed[partition])
            self._consumer.resume(partition)
        self._states = self._restored({partition.partition for partition in assigned})
        if assigned and not self._stale:
            self._worker.running()

    def _restored(self, partitions: set[int]) -> dict[int, State]:
        states = {partition: State(self._worker.closed, self._worker.keep) for partition in partitions}
        if self._changelog:
            for partition, entries in self._changelog.read(self._consumer, partitions):
                states[partition].restore(entries)
        return states

    def _drop_producer(self) -> None:
        if self._producer is not None:
            self._producer.discard()
            self._producer = None

    def _close(self) -> None:
        self._drop_producer()
        self._consumer.close(timeout_ms=2_000)


class _Flag(ConsumerRebalanceListener):  # type: ignore[misc]
    """A listener may not call the consumer, so it only says that the assignment is another one now."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._loop._stale = True

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._loop._stale = True
