"""The repair of a hanging transaction: writes the markers that its coordinator left out.

Kafka 4.3.1 skips the marker of a partition that has no leader just then, as if it were deleted ("Couldn't find leader
endpoint for partitions …"). None has one while a single broker comes back that was killed between a transaction's
decision and its markers: readers of what is committed, and the group's offsets, would wait for ever (a hanging
transaction, KIP-664). Which marker is missing only the coordinator knows, and only until the id has its next owner.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from kafka import TopicPartition
from kafka.admin import ProducerState, TransactionState
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    KafkaTimeoutError,
    NoError,
    TransactionalIdNotFoundError,
    for_code,
)
from kafka.protocol.producer.transaction import WriteTxnMarkersRequest

from ecomkafka.clients.internals import client_connections, cluster_metadata
from ecomkafka.clients.kafka_cluster import Cluster
from ecomkafka.logs import log

REQUEST_MS = 3_000
"""Shorter than a service's time to stop, because an admin request can't be interrupted."""

POLL_SECONDS = 0.05
OFFSETS = "__consumer_offsets"

_ENDED = {TransactionState.COMPLETE_COMMIT: True, TransactionState.COMPLETE_ABORT: False}
_ENDING = (TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT)


def complete(cluster: Cluster, transactional_id: str, timeout: float) -> list[TopicPartition]:
    """Write the missing markers of the id's last transaction; returns the partitions concerned.

    Call it before InitProducerId. Without the right to describe transactions it returns an empty list: the cluster's
    administrator has to repair them. Raises KafkaError; KafkaTimeoutError if the outcome of the transaction is not
    known in time.
    """
    with closing(cluster.admin(request_timeout_ms=REQUEST_MS)) as admin:
        last = _last(admin, cluster.name(transactional_id), time.monotonic() + timeout)
        if last is None or last.state not in _ENDED:
            return []
        written = []
        try:
            for place, producer in _hanging(admin, cluster, last.producer_id):
                _write(admin, place, producer, _ENDED[last.state])
                log.warning("⚠️ marker written", id=transactional_id, place=f"{place.topic}:{place.partition}")
                written.append(place)
        except AuthorizationError as error:
            log.info("markers not looked at", id=transactional_id, error=type(error).__name__)
        return written


def _last(admin: Any, name: str, deadline: float) -> Any:
    """The coordinator's description of the id's last transaction, once it is decided; None for a new id."""
    while True:
        try:
            last = admin.describe_transactions([name])[name]
        except TransactionalIdNotFoundError:
            return None
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            cluster_metadata.forget_coordinators(cluster_metadata.metadata_of(admin))
        else:
            if last.state not in _ENDING:
                return last
            if time.monotonic() > deadline:
                raise KafkaTimeoutError(f"the transaction of {name} is {last.state.value} for too long")
        time.sleep(POLL_SECONDS)


def _hanging(admin: Any, cluster: Cluster, producer_id: int) -> Iterator[tuple[TopicPartition, ProducerState]]:
    """The partitions in which the producer's transaction is still open, with its state there."""
    prefix = cluster.name("")
    names = [name for name in admin.list_topics() if name.startswith(prefix) or name == OFFSETS]
    places = [
        TopicPartition(topic["name"], partition["partition_index"])
        for topic in (admin.describe_topics(names) if names else [])
        for partition in topic["partitions"]
    ]
    for place, found in admin.describe_producers(places).items():
        for producer in found.active_producers:
            if producer.producer_id == producer_id and producer.current_transaction_start_offset >= 0:
                yield place, producer


def _write(admin: Any, place: TopicPartition, producer: ProducerState, committed: bool) -> None:
    """Write the marker that the coordinator left out. kafka-python's `abort_transaction` writes only aborts, with an
    epoch that a partition refuses after a coordinator's own marker.
    """
    kind = WriteTxnMarkersRequest.WritableTxnMarker
    topic = kind.WritableTxnMarkerTopic(name=place.topic, partition_indexes=[place.partition])
    marker = kind(producer.producer_id, producer.producer_epoch, committed, [topic], producer.coordinator_epoch)
    (described,) = admin.describe_topics([place.topic])
    (leader,) = (p["leader_id"] for p in described["partitions"] if p["partition_index"] == place.partition)
    for answer in client_connections.send(admin, WriteTxnMarkersRequest(markers=[marker]), leader).markers:
        for partition in (partition for topic in answer.topics for partition in topic.partitions):
            if (error := for_code(partition.error_code)) is not NoError:
                raise error(f"WriteTxnMarkers to {place.topic}:{place.partition}")
