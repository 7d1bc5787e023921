"""The transaction protocol: each step as a coroutine that finds the right broker and interprets its answer.

| error | meaning | what follows |
| --- | --- | --- |
| NOT_LEADER_OR_FOLLOWER, LEADER_NOT_AVAILABLE | nothing was written: another broker leads | the same to the leader |
| CONCURRENT_TRANSACTIONS | nothing was done: the transaction before still writes its markers | the same again |
| NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE | nothing was done: another broker coordinates | the same to that one |
| a lost connection, no answer, any other error | it may have been done | abort; an end of version 2: the same again |
| INVALID_PRODUCER_EPOCH, PRODUCER_FENCED | another owner has the id, or the transaction timed out | abort |
| TRANSACTION_ABORTABLE, INVALID_TXN_STATE | the transaction can't be committed any more | abort |
| INVALID_PRODUCER_ID_MAPPING, UNKNOWN_PRODUCER_ID | the broker has forgotten the producer | abort |
| ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID | the group has reassigned its partitions | abort |

After an abort the worker goes back to its committed offsets and does its batch again. After an end that was not
answered it takes the id over and asks for the committed offsets: these say whether the end has happened.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import (
    ConcurrentTransactionsError,
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    KafkaStorageError,
    LeaderNotAvailableError,
    NodeNotReadyError,
    NoError,
    NotCoordinatorError,
    NotEnoughReplicasError,
    NotLeaderForPartitionError,
    UnknownTopicOrPartitionError,
    for_code,
)
from kafka.protocol.metadata import ApiVersionsRequest, CoordinatorType, FindCoordinatorRequest

from ecomkafka.clients import transaction_requests as requests
from ecomkafka.clients.internals.cluster_metadata import forget_coordinators, track_topic
from ecomkafka.clients.transaction_requests import Owner

_RETRY_SECONDS, _COORDINATOR_SECONDS = 0.005, 0.05
_FEATURE = "transaction.version"
_OTHER_LEADER = {NotLeaderForPartitionError, LeaderNotAvailableError, UnknownTopicOrPartitionError, KafkaStorageError}
"""The partition has, or will soon have, another leader. A new topic answers so at first."""
_OTHER_COORDINATOR = {NotCoordinatorError, CoordinatorNotAvailableError}
_TRANSIENT = {ConcurrentTransactionsError, NotEnoughReplicasError, CoordinatorLoadInProgressError}
"""Where the coordinator says CONCURRENT_TRANSACTIONS for too long, a partition's leader tells its client
NOT_ENOUGH_REPLICAS, and a group's coordinator COORDINATOR_LOAD_IN_PROGRESS.
"""


class TransactionProtocol:
    """The requests of one transactional id. The caller sets the time limit of each."""

    def __init__(self, connections: Any, transactional_id: str, timeout_ms: int) -> None:
        self._connections, self._cluster, self._net = connections, connections.cluster, connections.net
        self._timeout_ms = timeout_ms
        self.owner = Owner(transactional_id)
        self.version = 2
        self.end_is_doubtful = False
        """Whether the newest end may have happened before it was asked for again: a refusal does not tell then."""

    async def take_over(self) -> None:
        """Get a producer id and an epoch; repeated until they are granted."""
        while True:
            try:
                self.version = await self._finalized()
                request = requests.init_producer_id(self.owner, self._timeout_ms)
                answer = await self._send(await self._of_transaction(), request)
                _check(answer.error_code, f"InitProducerId of {self.owner.transactional_id}")
                self._become(answer)
                return
            except KafkaError as error:
                if not error.retriable:
                    raise
                await self._before_retry({type(error)})

    async def _finalized(self) -> int:
        """The version of the protocol that the whole cluster speaks."""
        request = ApiVersionsRequest(client_software_name="ecomkafka", client_software_version="2")
        answer = await self._send(self._connections.least_loaded_node(), request)
        levels = {feature.name: feature.max_version_level for feature in answer.finalized_features or ()}
        return 2 if levels.get(_FEATURE, 0) >= 2 else 1

    def _become(self, answer: Any) -> None:
        self.owner = self.owner._replace(producer_id=answer.producer_id, epoch=answer.producer_epoch)

    async def partitions(self, topic: str) -> None:
        """Fetch the topic's partitions and their leaders; repeated until all are known."""
        track_topic(self._cluster, topic)
        while not self._cluster.available_partitions_for_topic(topic):
            try:
                await self._cluster.refresh_metadata()
            except KafkaError as error:
                if not error.retriable:
                    raise
            await self.pause()

    async def add_partitions(self, places: Iterable[TopicPartition]) -> None:
        """Used with version 1 only."""
        await self._until_done(
            self._of_transaction,
            requests.add_partitions(self.owner, places),
            lambda answer: {
                partition.partition_error_code
                for topic in answer.results_by_topic_v3_and_below
                for partition in topic.results_by_partition
            },
        )

    async def produce(self, node: int, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, int]:
        """Write to partitions that `node` leads; returns the offset of the first record of each batch.

        A batch that must be sent again, to the new leader of its partition, is left out. Raises KafkaError.
        """
        answer = await self._send(node, requests.produce(self.owner, self.version, batches, self._timeout_ms))
        written = {}
        for topic in answer.responses:
            for partition in topic.partition_responses:
                error = for_code(partition.error_code)
                if error is NoError:
                    written[TopicPartition(topic.name, partition.index)] = partition.base_offset
                elif error in _OTHER_LEADER:
                    self._cluster.request_update()
                elif error not in _TRANSIENT:
                    raise error(f"Produce to {topic.name}:{partition.index}")
        return written

    async def commit_offsets(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: Any) -> None:
        """Add the group's offsets to the transaction."""
        if self.version == 1:
            request = requests.add_offsets(self.owner, group.group_id)
            await self._until_done(self._of_transaction, request, lambda answer: {answer.error_code})
        await self._until_done(
            lambda: self._coordinator(CoordinatorType.GROUP, group.group_id),
            requests.txn_offset_commit(self.owner, self.version, offsets, group),
            lambda answer: {partition.error_code for topic in answer.topics for partition in topic.partitions},
        )

    async def end(self, committed: bool) -> None:
        """Commit or abort. Version 2 repeats the request until it is answered: the epoch identifies a repeated EndTxn.

        Version 1 sends it once: a repeated EndTxn that arrives late would end a later transaction (KAFKA-17754).
        """
        request = requests.end_txn(self.owner, self.version, committed)
        self.end_is_doubtful = False
        while True:
            try:
                answer = await self._send(await self._of_transaction(), request)
                _check(answer.error_code, f"EndTxn of {self.owner.transactional_id}")
                break
            except KafkaError as error:
                if self.version == 1 or not error.retriable:
                    raise
                if not isinstance(error, ConcurrentTransactionsError):  # with that one the coordinator has done nothing
                    self.end_is_doubtful = True
                await self._before_retry({type(error)})
        if self.version == 2:
            self._become(answer)

    async def _of_transaction(self) -> Any:
        return await self._coordinator(CoordinatorType.TRANSACTION, self.owner.transactional_id)

    async def _coordinator(self, kind: CoordinatorType, key: str) -> Any:
        """The node that coordinates the transactional id or the group.

        What goes to it goes by the connection on which records go to the same node, and the broker handles the requests
        of a connection one after the other. By a connection of its own a TxnOffsetCommit would be handled beside the
        Produce. Both add to the transaction, and of two additions that wait in a broker's queue at the same time it
        refuses the first, which then has to be sent again (`AddPartitionsToTxnManager` in Kafka 4.3).
        """
        if (known := self._cluster.get_coordinator(key, kind)) is not None:
            return known
        while True:
            request = FindCoordinatorRequest(key=key, key_type=kind.value, coordinator_keys=[key])
            answer = await self._send(self._connections.least_loaded_node(), request)
            try:
                found = answer.coordinators[0] if answer.coordinators else answer
                return self._cluster.add_coordinator(found, kind, key, synthesize_node_id=False)
            except CoordinatorNotAvailableError:  # the first one makes Kafka create the topic of all coordinators
                await self._net.sleep(_COORDINATOR_SECONDS)

    async def _send(self, node: Any, request: Any) -> Any:
        """The node's answer. Waits while kafka-python backs off from connecting to it."""
        while True:
            try:
                return await self._connections.send(request, node_id=node)
            except NodeNotReadyError:
                await self.pause()

    async def _until_done(
        self, find_node: Callable[[], Any], request: Any, codes: Callable[[Any], Iterable[int]]
    ) -> None:
        """Send it, again as long as nothing was done for a passing reason. Raises KafkaError."""
        while True:
            answer = await self._send(await find_node(), request)
            errors = {for_code(code) for code in codes(answer)} - {NoError}
            for error in errors - _TRANSIENT - _OTHER_COORDINATOR:
                raise error(f"{type(request).__name__} of {self.owner.transactional_id}")
            if not errors:
                return
            await self._before_retry(errors)

    async def _before_retry(self, errors: set[type[KafkaError]]) -> None:
        """Before the same request once more: who coordinates may be another broker by now."""
        if errors <= _TRANSIENT:
            return await self.pause()
        forget_coordinators(self._cluster)
        await self._net.sleep(_COORDINATOR_SECONDS)

    async def pause(self) -> None:
        """Before the same question once more."""
        await self._net.sleep(_RETRY_SECONDS)


def _check(code: int, what: str) -> None:
    if (kind := for_code(code)) is not NoError:
        raise kind(what)
