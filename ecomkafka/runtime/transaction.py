"""A Kafka transaction that never waits without a limit and never takes an aborted transaction for a committed one.

kafka-python's own `commit_transaction` waits for ever, and can return as if all were well although a record was
refused; so every record's future is looked at before the commit, and each step has a deadline (design of the protocol:
KIP-98, KIP-447).
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, ClassVar

from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import IllegalStateError, KafkaError, KafkaTimeoutError, MessageSizeTooLargeError
from kafka.partitioner.default import murmur2
from kafka.producer.producer_batch import ProducerBatch

from ecomkafka.runtime import markers
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.connections import PatientClient
from ecomkafka.runtime.records import BatchBuilder

_GLANCE_MS = 50
"""How often whoever waits looks whether it was all called off."""

_EPOCH_SECONDS = 0.005
"""How often it is looked for a new epoch: the broker gives it in a few milliseconds."""

_hash = lru_cache(maxsize=10_000)(murmur2)

Offsets = Mapping[TopicPartition, OffsetAndMetadata]

Sendable = tuple[str, bytes, bytes | None, list[tuple[str, bytes]], int | None]
"""Topic, key, value, headers and, unless the key chooses it, partition."""

_Row = tuple[bytes, bytes | None, list[tuple[str, bytes]]]


class UnknownOutcomeError(RuntimeError):
    """The commit was asked for and not answered: it may have happened. Build a new producer; then the broker knows."""


class TransactionalProducer:
    """One transactional id's producer. After any error: `discard()` it and make a new one, which fences this one."""

    timeout: ClassVar[float] = 10.0
    """Seconds that each step may take."""

    def __init__(self, cluster: Cluster, transactional_id: str) -> None:
        self._cluster, self._id = cluster, transactional_id
        self._producer: KafkaProducer = cluster.producer(transactional_id)
        self._manager = self._producer._transaction_manager
        self._network: PatientClient = self._producer._sender._client
        packing = self._producer._accumulator.config
        self._compression, self._batch_size = packing["compression_attrs"], packing["batch_size"]
        self._futures: list[Any] = []
        """Of each batch's first record."""
        self._batches: list[Any] = []
        """The batches' own futures: of one that the client had to split it is never done."""
        self._partitions: dict[str, int] = {}
        """How many a topic has."""
        self._newest: dict[TopicPartition, Any] = {}
        """Of each partition's newest batch, the future of the first record."""
        self._owner = False
        self._discarded = threading.Event()

    def take_over(self) -> None:
        """Fence whoever used the id before, and end what he left open; what the broker has forgotten to say of his last
        transaction is said first. A second call does nothing.
        """
        if not self._owner:
            markers.complete(self._cluster, self._id, self.timeout)
            result = self._manager.initialize_transactions()
            self._await(result, KafkaTimeoutError("the transactional id was not taken over in time"))
            self._owner = True

    def begin(self) -> None:
        """Begin a transaction, in a new epoch if a request of the last one may still come. Raises KafkaError."""
        if self._network.unanswered:
            self._shut_out()
        self._futures, self._batches, self._newest = [], [], {}
        self._producer.begin_transaction()

    def _shut_out(self) -> None:
        """Have the broker refuse whatever of the last transaction may still come: to a new epoch of the producer.

        A request names the producer and its epoch, and not the transaction. One that got lost with its connection was
        sent again, and if its first copy comes late, it would be taken for one of the next transaction: an EndTxn would
        end that half-way, a TxnOffsetCommit would bring back older offsets (KAFKA-17754, gone with KIP-890).
        """
        self._manager.bump_producer_id_and_epoch()
        self._producer._sender.wakeup()
        deadline = time.monotonic() + self.timeout
        while self._manager.is_bumping_epoch():
            if self._discarded.wait(_EPOCH_SECONDS) or time.monotonic() > deadline:
                raise KafkaTimeoutError("no new epoch of the transactional id was given in time")
        if self._manager.has_fatal_error():
            raise self._manager.last_error
        self._network.unanswered = False

    def send(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
        partition: int | None = None,
    ) -> Any:
        """Add a record. The key chooses the partition, unless one is given.

        Returns the future of the first record of its batch: what is sent in one batch is written as a whole or not.
        """
        place = TopicPartition(*self._place(topic, key, partition))
        self._manager.maybe_add_partition_to_transaction(place)
        self._append(place, [(key, value, headers)])
        return self._newest[place]

    def send_all(self, records: Iterable[Sendable]) -> None:
        """Add records, each as `send` does; the broker is told of all their partitions at once."""
        rows: dict[tuple[str, int], list[_Row]] = {}
        for topic, key, value, headers, partition in records:
            rows.setdefault(self._place(topic, key, partition), []).append((key, value, headers))
        for place in rows:
            self._manager.maybe_add_partition_to_transaction(TopicPartition(*place))
        for place, its in rows.items():
            self._append(TopicPartition(*place), its)

    def _append(self, place: TopicPartition, rows: Iterable[_Row]) -> None:
        """What KafkaProducer.send does for one record, for many: the sender finds the batches in the accumulator."""
        accumulator = self._producer._accumulator
        with accumulator._tp_lock(place):
            if accumulator._closed:
                raise IllegalStateError("the producer was discarded")
            batches = accumulator._batches[place]
            for row in rows:
                if not batches or batches[-1].records.append(None, *row) is None:
                    batch = ProducerBatch(place, BatchBuilder(self._compression, self._batch_size))
                    self._newest[place] = batch.try_append(None, *row)
                    self._futures.append(self._newest[place])
                    self._batches.append(batch.produce_future)
                    batches.append(batch)
                    accumulator._incomplete.add(batch)
        self._producer._sender.wakeup()

    def _place(self, topic: str, key: bytes, partition: int | None) -> tuple[str, int]:
        """The key's partition is the one that Kafka's own clients choose."""
        if topic not in self._partitions:  # asked in any case: the sender has to know the partition's leader
            self._partitions[topic] = len(self._producer.partitions_for(topic))
        if partition is None:
            partition = int(_hash(key) & 0x7FFFFFFF) % self._partitions[topic]
        return topic, partition

    def commit(self, offsets: Offsets, group: Any, at: Callable[[str], None] = lambda point: None) -> None:
        """Commit the records and `offsets` together. `at` is told the points at which a crash is worth a try.

        Raises KafkaError if it cannot have happened (abort or discard), UnknownOutcomeError if it may have.
        """
        added = self._manager.send_offsets_to_transaction(dict(offsets), group) if offsets else None
        self._producer.flush(timeout=self.timeout)
        for future in self._futures:
            if not future.succeeded():
                raise future.exception or KafkaTimeoutError("a record was not acknowledged in time")
        self._check_whole()
        at("after_produce")
        if added is not None:
            self._await(added, KafkaTimeoutError("the offsets were not added to the transaction in time"))
            at("after_offsets")
        if not (self._futures or offsets):
            return self.abort()
        result = self._manager.begin_commit()
        self._producer._sender.wakeup()
        at("during_commit")
        try:
            self._await(result, UnknownOutcomeError("the commit was not answered in time"))
        except KafkaError as error:
            raise UnknownOutcomeError(f"the commit failed: {error}") from error

    def _check_whole(self) -> None:
        """Of a batch that the client had to split, nobody has a future of the second half."""
        for batch in self._batches:
            if not batch.is_done:
                topic = batch.topic_partition.topic
                raise MessageSizeTooLargeError(f"{topic} does not take a whole batch: set its max.message.bytes higher")

    @property
    def is_ending(self) -> bool:
        """Whether a commit or an abort was asked for and not answered yet."""
        return bool(self._manager.is_completing())

    def abort(self) -> None:
        """End the transaction without effect. Raises KafkaError if the broker does not answer in time."""
        if not all(future.succeeded() for future in self._futures):  # given up, perhaps with their request under way
            self._network.unanswered = True
        self._await(self._manager.begin_abort(), KafkaTimeoutError("the abort was not answered in time"))

    def discard(self) -> None:
        """Close without waiting for anything in flight. Aborts nothing: the id's next owner, or the timeout, does.

        May be called by another thread: whoever waits for this producer then fails at once.
        """
        self._discarded.set()
        self._network.called_off = True
        self._producer._sender.force_close()
        self._producer._sender.join(2.0)
        self._producer.close(timeout=2.0)

    def _await(self, result: Any, too_late: Exception) -> None:
        self._producer._sender.wakeup()
        deadline = time.monotonic() + self.timeout
        while not result.wait(timeout_ms=_GLANCE_MS):
            if self._discarded.is_set() or time.monotonic() > deadline:
                raise too_late

    def __enter__(self) -> "TransactionalProducer":
        try:
            self.take_over()
        except BaseException:
            self.discard()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()
