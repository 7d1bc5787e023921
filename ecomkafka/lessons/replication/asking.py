"""A request to one chosen broker, on a connection of its own: a client would try another one if this one is silent."""

import socket
from typing import Any, NamedTuple

from kafka.errors import KafkaError, for_code
from kafka.protocol.consumer import ListOffsetsRequest, ListOffsetsResponse
from kafka.protocol.metadata import MetadataRequest, MetadataResponse

from ecomkafka.faults.frames import next_frame

_SECONDS = 2.0
_METADATA, _LIST_OFFSETS = 7, 5
"""The versions that are spoken here; every Kafka since 2.1 knows them."""
_END = -1
_UNCOMMITTED = 0


class Layout(NamedTuple):
    """Who leads a partition, as one broker knows it."""

    leader: int
    """-1: nobody."""
    epoch: int
    """It rises with every change of the leader."""
    replicas: tuple[int, ...]
    in_sync: tuple[int, ...]


def layout(address: str, topic: str) -> Layout:
    """What the broker at `address` says about partition 0. Raises OSError if it is silent, KafkaError if it refuses."""
    topics = [MetadataRequest.MetadataRequestTopic(name=topic)]
    request = MetadataRequest(topics=topics, allow_auto_topic_creation=False)
    (found,) = _ask(address, request, MetadataResponse, _METADATA).topics
    _raise_for(found.error_code)
    (partition,) = [partition for partition in found.partitions if partition.partition_index == 0]
    replicas, in_sync = tuple(partition.replica_nodes), tuple(sorted(partition.isr_nodes))
    return Layout(partition.leader_id, partition.leader_epoch, replicas, in_sync)


def high_watermark(address: str, topic: str) -> int:
    """Up to which offset the leader at `address` hands out partition 0. Raises as `layout` does."""
    place = ListOffsetsRequest.ListOffsetsTopic
    partition = place.ListOffsetsPartition(partition_index=0, timestamp=_END, current_leader_epoch=-1)
    topics = [place(name=topic, partitions=[partition])]
    request = ListOffsetsRequest(replica_id=-1, isolation_level=_UNCOMMITTED, topics=topics)
    (found,) = _ask(address, request, ListOffsetsResponse, _LIST_OFFSETS).topics[0].partitions
    _raise_for(found.error_code)
    return int(found.offset)


def _ask(address: str, request: Any, answer: Any, version: int) -> Any:
    host, _, port = address.rpartition(":")
    request.with_header(correlation_id=1, client_id="lesson-03")
    with socket.create_connection((host, int(port)), _SECONDS) as connection:
        connection.settimeout(_SECONDS)
        connection.sendall(request.encode(version=version, header=True, framed=True))
        frame = next_frame(connection)
    if not frame:
        raise ConnectionError(f"the broker at {address} closed the connection")
    return answer.decode(frame, version=version, header=True, framed=True)


def _raise_for(code: int) -> None:
    error = for_code(code)
    if code and issubclass(error, KafkaError):
        raise error
