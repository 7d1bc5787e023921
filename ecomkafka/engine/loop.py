"""The loop of a service: poll, handle, then outputs, changelog and offsets in one Kafka transaction.

If anything goes wrong the transaction counts for nothing, and position and state go back to the last commit. Nothing
else is needed for exactly once inside Kafka; effects outside it are repeated and must be idempotent.
"""

import time
from datetime import datetime
from itertools import chain
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import FencedInstanceIdError, KafkaError

from ecomkafka.clients.connections import SILENT_SECONDS
from ecomkafka.clients.groups import group_of, leave
from ecomkafka.clients.internals.client_connections import reconnect
from ecomkafka.clients.internals.consumer_state import resume
from ecomkafka.clients.reader import partitions_of, positions
from ecomkafka.clients.transaction import TransactionalProducer, UnknownOutcomeError
from ecomkafka.engine.batch import RetryLater, handle_batch, tick
from ecomkafka.engine.changelog import Changelog
from ecomkafka.engine.membership import Membership
from ecomkafka.engine.service import Counts, Service
from ecomkafka.engine.state import State

POLL_MS = 250
GATHER_BYTES = 20_000
TICK_SECONDS = 0.25
IDLE_SECONDS = 0.5
TRANSIENT = (KafkaError, UnknownOutcomeError, TimeoutError, ConnectionError, RetryLater)
"""Errors after which another attempt may succeed."""
FETCH_MS = 15_000  # to fetch a committed offset: the broker waits for an open transaction that may change it


class Loop:
    """One run of a worker: its consumer, its producer and its partitions' state, all used by one thread."""

    def __init__(self, worker: Service) -> None:
        self._worker = worker
        self._cluster = worker.cluster
        self._group = group_of(worker.name)
        topic = worker.hop.changelog
        self._changelog = Changelog(worker.cluster, topic, worker.state_type) if topic else None
        self.states: dict[int, State] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._offsets: dict[TopicPartition, int] = {}
        """Up to where records were handled since the last commit; what had no effect waits for a commit of others."""
        self._counts = Counts()
        """How many those are."""
        self._due: dict[TopicPartition, datetime] = {}
        self._consumer: Any = None
        self._producer: TransactionalProducer | None = None
        self._stale = False
        """A transaction went wrong: go back to the last commit before anything else."""
        self._cut_off = False
        self._quiet_since = time.monotonic()

    def run(self) -> None:
        worker, topics = self._worker, self._worker.hop.reads
        held = {"fetch_min_bytes": GATHER_BYTES, "fetch_max_wait_ms": worker.gather_ms} if worker.gather_ms else {}
        self._consumer = self._cluster.consumer(
            self._group, worker.identity, max_poll_records=worker.max_records, **held
        )
        self._membership = Membership(self._consumer, worker.observer.rebalanced)
        try:
            self._consumer.subscribe([self._cluster.name(topic) for topic in topics], listener=self._membership)
            for topic in topics:  # it joins knowing them all: what it learns later makes it join again
                self._learn(topic)
            self._work()
        finally:
            self._close()
        if worker.status != "recovering" and not self._cut_off:
            leave(self._cluster, self._cluster.name(self._group), worker.identity)

    def _learn(self, topic: str) -> None:
        """A broker that has just restarted may leave itself out of its first metadata."""
        while not self._worker.stopping.is_set():
            try:
                partitions_of(self._consumer, self._cluster, topic)
                return
            except KafkaError as error:
                self._worker.recovering(error)
                self._worker.stopping.wait(0.1)

    def cut_off(self) -> None:
        """Called from another thread: whatever `run` waits for fails now. The open transaction is not committed."""
        self._cut_off = True
        if self._changelog:
            self._changelog.cut_off()
        self._close()

    def _work(self) -> None:
        next_tick, backoff = 0.0, 0.1
        while not self._worker.stopping.is_set():
            began = time.monotonic()
            try:
                polled = self._poll()
                if self._membership.generation is None:
                    continue
                if self._stale or self._membership.is_new:
                    self._go_back()
                elif polled or time.monotonic() >= next_tick:
                    next_tick = time.monotonic() + TICK_SECONDS
                    self._transact(polled)
                backoff = 0.1
            except FencedInstanceIdError:
                raise
            except Exception as error:
                if self._cut_off:
                    return
                if not isinstance(error, TRANSIENT):
                    raise
                self._stale = True
                if time.monotonic() - began > SILENT_SECONDS:
                    reconnect(self._consumer)
                self._worker.recovering(error)
                self._worker.stopping.wait(backoff)
                backoff = min(2 * backoff, 2.0)

    def _poll(self) -> dict[TopicPartition, list[Any]]:
        for partition in [p for p, due in self._due.items() if due <= self._worker.clock.now()]:
            del self._due[partition]
            resume(self._consumer, partition)
        wait = 0 if self._stale and self._membership.generation else POLL_MS
        self._worker.at("before_poll")
        polled: dict[TopicPartition, list[Any]] = self._consumer.poll(wait)
        self._membership.check_name()
        if polled:
            self._quiet_since = time.monotonic()
            self._worker.at("after_poll")
        return polled

    def _transact(self, polled: dict[TopicPartition, list[Any]]) -> None:
        """Handle the batch and commit what comes of it, all or nothing."""
        batch = handle_batch(self._worker, polled, self.states)
        answers = batch.answers + tick(self._worker, self.states)
        changes = {partition: state.changes() for partition, state in self.states.items()}
        self._offsets |= batch.offsets or ({} if polled else self._past_markers())
        self._counts += batch.counts
        if not (answers or any(changes.values()) or (self._offsets and self._is_quiet())):
            return self._leave_for_later(batch.left)
        self._worker.at("after_handling")
        producer = self._begin()
        state_records = self._changelog.records(changes) if self._changelog else ()
        producer.send_all(chain((answer.record for answer in answers), state_records))
        self._commit(producer, self._offsets)
        self._leave_for_later(batch.left)
        for state in self.states.values():
            state.commit()
        self._worker.committed(self._counts, [answer.message for answer in answers])
        self._offsets, self._counts = {}, Counts()
        self._checkpoint()

    def _begin(self) -> TransactionalProducer:
        assert self._producer is not None, "_go_back makes it before the first transaction"
        self._producer.begin()
        return self._producer

    def _commit(self, producer: TransactionalProducer, offsets: dict[TopicPartition, int]) -> None:
        # Even if no offset moved, some go along: with them the generation, by which a zombie is fenced (KIP-447).
        stamp = self._worker.clock.now().isoformat(timespec="milliseconds")
        moved = {p: OffsetAndMetadata(offset, stamp, -1) for p, offset in (offsets or self._committed).items()}
        with self._worker.observer.timed("transaction"):
            producer.commit(moved, self._membership.generation, self._worker.at)
        self._committed |= {p: offset for p, offset in offsets.items() if p in self._committed}
        self._worker.at("after_commit")

    def _leave_for_later(self, left: dict[TopicPartition, tuple[int, datetime | None]]) -> None:
        """Rewind to these records. A partition whose record is not due is paused; the others go on."""
        for partition, (offset, due) in left.items():
            self._consumer.seek(partition, offset)
            if due is not None:
                self._consumer.pause(partition)
                self._due[partition] = due

    def _is_quiet(self) -> bool:
        return time.monotonic() - self._quiet_since >= IDLE_SECONDS

    def _past_markers(self) -> dict[TopicPartition, int]:
        """When idle: commit the positions after transaction markers, which have offsets too. The lag becomes 0."""
        if not self._is_quiet():
            return {}
        known = positions(self._consumer, self._committed.keys() - self._due.keys())
        return {partition: offset for partition, offset in known.items() if offset > self._committed[partition]}

    def _checkpoint(self) -> None:
        if self._changelog and (due := self._changelog.due(self.states)):
            with self._worker.observer.timed("checkpoint"):
                self._commit(producer := self._begin(), self._changelog.checkpoint(producer, due))

    def _go_back(self) -> None:
        """Make position and state those of the last commit, with a producer that fences whoever else uses its id."""
        self._stale = self._membership.is_new = False
        self._drop_producer()
        self._producer = TransactionalProducer(self._cluster, self._worker.identity)
        self._producer.take_over()
        assigned: set[TopicPartition] = self._consumer.assignment()
        first = self._consumer.beginning_offsets(list(assigned)) if assigned else {}
        self._due, self._committed, self._offsets, self._counts = {}, {}, {}, Counts()
        for partition in assigned:
            committed = self._consumer.committed(partition, timeout_ms=FETCH_MS)
            self._committed[partition] = max(committed or 0, first[partition])
            self._consumer.seek(partition, self._committed[partition])
            resume(self._consumer, partition)
        self.states = self._restored({partition.partition for partition in assigned})
        self._worker.running()

    def _restored(self, partitions: set[int]) -> dict[int, State]:
        states = {partition: State(self._worker.closed, self._worker.keep) for partition in partitions}
        if self._changelog and partitions:
            with self._worker.observer.timed("restore"):
                self._changelog.restore(self._consumer, states)
        return states

    def _drop_producer(self) -> None:
        if self._producer is not None:
            self._producer.discard()
            self._producer = None

    def _close(self) -> None:
        self._drop_producer()
        if self._consumer is not None:
            self._consumer.close(timeout_ms=2_000)
