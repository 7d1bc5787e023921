"""A transactional producer: records and offsets are committed together or not at all, and a zombie is fenced.

Every step has a limit, every record its answer before the commit, and a commit that was not answered is told as such.
What is asked of the brokers is in `transaction_protocol.py`.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, ClassVar

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError
from kafka.future import Future
from kafka.partitioner.default import murmur2

from ecomkafka.clients import kafka_cluster, transaction_markers
from ecomkafka.clients.kafka_cluster import MAX_REQUEST_SIZE, Cluster
from ecomkafka.clients.record_batches import Row, packed
from ecomkafka.clients.transaction_errors import REFUSED
from ecomkafka.clients.transaction_protocol import TransactionProtocol

_hash = lru_cache(maxsize=10_000)(murmur2)

Offsets = Mapping[TopicPartition, OffsetAndMetadata]

Sendable = tuple[str, bytes, bytes | None, list[tuple[str, bytes]], int | None]
"""Topic, key, value, headers and, unless the key chooses it, partition."""


class UnknownOutcomeError(RuntimeError):
    """The commit was sent and not answered, so it may have happened. A new producer of the same id finds out."""


class TransactionalProducer:
    """The producer of one transactional id. After any error `discard()` it and make a new one, which fences it."""

    timeout: ClassVar[float] = 10.0
    """Seconds per step."""

    def __init__(self, cluster: Cluster, transactional_id: str) -> None:
        self._cluster, self._id = cluster, transactional_id
        self._requests = cluster.requests(transactional_id)
        self._protocol = TransactionProtocol(
            self._requests.connections, cluster.name(transactional_id), kafka_cluster.TRANSACTION_TIMEOUT_MS
        )
        self._rows: dict[TopicPartition, list[Row]] = defaultdict(list)
        """What was added and not sent yet."""
        self._sequences: dict[TopicPartition, int] = defaultdict(int)
        """Of each partition, the sequence number of the next record under this epoch."""
        self._added: set[TopicPartition] = set()
        """The partitions of this transaction."""
        self._open = self._owner = False
        self._ended: Future | None = None
        """The answer to the newest EndTxn."""

    def take_over(self) -> None:
        """Fence whoever used the id before and end what it left open: `init_transactions` in other clients.

        The markers that the broker has forgotten of its last transaction are written first. A second call does nothing.
        """
        if not self._owner:
            transaction_markers.complete(self._cluster, self._id, self.timeout)
            self._ask("the transactional id is taken over", self._protocol.take_over)
            self._owner = True

    def begin(self) -> None:
        """Begin a transaction. The broker hears of it with its first records."""
        self._rows.clear()
        self._added.clear()
        self._open = False
        self._requests.catch_up()

    def send(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
        partition: int | None = None,
    ) -> None:
        """Add a record, stamped now, for the next `flush` or `commit`; without `partition` the key chooses it."""
        self._rows[self._place(topic, key, partition)].append((int(1_000 * time.time()), key, value, headers))

    def send_all(self, records: Iterable[Sendable]) -> None:
        """Add records, each as `send` does."""
        for record in records:
            self.send(*record)

    def _place(self, topic: str, key: bytes, partition: int | None) -> TopicPartition:
        """The key's partition is computed as Kafka's own clients do."""
        if not (found := self._layout.partitions_for_topic(topic)):
            self._ask(f"the partitions of {topic} are known", self._protocol.partitions, topic)
            found = self._layout.partitions_for_topic(topic)
        return TopicPartition(topic, int(_hash(key) & 0x7FFFFFFF) % len(found) if partition is None else partition)

    @property
    def _layout(self) -> Any:
        return self._requests.connections.cluster

    def flush(self) -> dict[TopicPartition, int]:
        """Send the added records and wait until they are written; returns the offset of each partition's first record.

        Raises KafkaError if a record was refused: the transaction can't be committed then.
        """
        return self._ask("the records are acknowledged", self._produce)  # type: ignore[no-any-return]

    async def _produce(self) -> dict[TopicPartition, int]:
        """Works in rounds: in each one every partition's next batch goes to its leader, to all brokers in parallel."""
        rows, self._rows = self._rows, defaultdict(list)
        if self._protocol.version == 1 and (new := rows.keys() - self._added):
            await self._protocol.add_partitions(new)
        self._added |= rows.keys()
        self._open = self._open or bool(rows)
        left = {place: self._batches(place, its) for place, its in rows.items()}
        first: dict[TopicPartition, int] = {}
        while left:
            requests = self._by_leader(left)
            answers = [self._requests.start(self._protocol.produce, node, asked) for node, asked in requests.items()]
            written: dict[TopicPartition, int] = {}
            for answer in answers:
                written |= await answer
            first = written | first
            for place in written:
                left[place].popleft()
            if len(written) < sum(map(len, requests.values())) or not requests:
                await self._protocol.pause()
            left = {place: batches for place, batches in left.items() if batches}
        return first

    def _by_leader(self, left: Mapping[TopicPartition, deque[bytes]]) -> dict[int, dict[TopicPartition, bytes]]:
        """The next batches per broker: at most MAX_REQUEST_SIZE bytes, or a single batch."""
        requests: dict[int, dict[TopicPartition, bytes]] = defaultdict(dict)
        sizes: dict[int, int] = defaultdict(int)
        for place, (batch, *_) in left.items():
            node = self._layout.leader_for_partition(place)
            if node is None or node < 0:
                self._layout.request_update()
            elif node not in requests or sizes[node] + len(batch) <= MAX_REQUEST_SIZE:
                requests[node][place] = batch
                sizes[node] += len(batch)
        return requests

    def _batches(self, place: TopicPartition, rows: Iterable[Row]) -> deque[bytes]:
        """A partition's records as a sequence of batches."""
        made: deque[bytes] = deque()
        _, producer_id, epoch = self._protocol.owner
        for batch, count in packed(rows, producer_id, epoch, self._sequences[place], self._cluster.batch_size):
            self._sequences[place] += count
            made.append(batch)
        return made

    def commit(self, offsets: Offsets, group: Any, at: Callable[[str], None] = lambda point: None) -> None:
        """Commit the records and `offsets` together. `at` is told the points at which a crash is worth a try.

        Raises KafkaError if it cannot have happened (abort or discard), UnknownOutcomeError if it may have.
        """
        produced = self._requests.start(self._produce)
        committed = self._requests.start(self._protocol.commit_offsets, offsets, group) if offsets else None
        self._open = self._open or bool(offsets)
        self._requests.wait(produced, self.timeout, "the records are acknowledged")
        at("after_produce")
        if committed is not None:
            self._requests.wait(committed, self.timeout, "the offsets are added to the transaction")
            at("after_offsets")
        if self._open:
            self._end(True, at)

    def _end(self, committed: bool, at: Callable[[str], None] = lambda point: None) -> None:
        owner = self._protocol.owner
        self._ended = self._requests.start(self._protocol.end, committed)
        self._requests.catch_up()  # it is on its way
        at("during_commit")
        try:
            self._requests.wait(self._ended, self.timeout, "the transaction has ended")
        except KafkaError as error:
            if isinstance(error, REFUSED) and not self._protocol.end_is_doubtful:
                raise
            raise UnknownOutcomeError(f"{self._id}: it is not known whether it has ended: {error}") from error
        self._open = False
        if self._protocol.owner != owner:
            self._sequences.clear()

    @property
    def is_ending(self) -> bool:
        """Whether a commit or an abort is in flight."""
        self._requests.catch_up()
        return self._ended is not None and not self._ended.is_done

    def abort(self) -> None:
        """Abort the transaction. Raises KafkaError or UnknownOutcomeError if the abort is not certain."""
        self._rows.clear()
        if self._open:
            self._end(False)

    def discard(self) -> None:
        """Close at once. An open transaction stays open: the id's next owner, or the timeout, aborts it.

        Another thread may call it: a wait on this producer then fails at once.
        """
        self._requests.close()

    def _ask(self, what: str, coroutine: Callable[..., Any], *arguments: Any) -> Any:
        return self._requests.ask(self.timeout, what, coroutine, *arguments)

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
