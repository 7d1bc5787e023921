"""The requests of a transaction, for version 1 and version 2 of the transaction protocol.

Version 2 (KIP-890, Kafka 4.0) needs three: Produce and TxnOffsetCommit, sent one right behind the other, with which the
brokers add the partitions and the group to the transaction, and EndTxn. Version 1 (KIP-98, KIP-447) adds both by
requests of their own.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kafka import OffsetAndMetadata, TopicPartition
from kafka.protocol.producer import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
    ProduceRequest,
    TxnOffsetCommitRequest,
)

VERSIONS = {
    1: {"Produce": 11, "TxnOffsetCommit": 4, "EndTxn": 4},
    2: {"Produce": 12, "TxnOffsetCommit": 5, "EndTxn": 5},
}
"""By version of the protocol, the version of each request that speaks it."""


class Owner(NamedTuple):
    """Who sends: a transactional id, and the producer id and epoch that its coordinator has given it."""

    transactional_id: str
    producer_id: int = -1
    epoch: int = -1


def init_producer_id(owner: Owner, timeout_ms: int) -> InitProducerIdRequest:
    """Ends what the id's former owner left open, and fences that owner. Without producer id it asks for a new epoch."""
    return InitProducerIdRequest(
        transactional_id=owner.transactional_id,
        transaction_timeout_ms=timeout_ms,
        producer_id=-1,
        producer_epoch=-1,
        max_version=5,
    )


def produce(owner: Owner, protocol: int, batches: Mapping[TopicPartition, bytes], timeout_ms: int) -> ProduceRequest:
    """One batch per partition: a Produce request takes no more."""
    kind = ProduceRequest.TopicProduceData
    topics = [
        kind(
            name=topic,
            partition_data=[
                kind.PartitionProduceData(index=number, records=batches[TopicPartition(topic, number)])
                for number in numbers
            ],
        )
        for topic, numbers in _by_topic(batches).items()
    ]
    return ProduceRequest(
        transactional_id=owner.transactional_id,
        acks=-1,
        timeout_ms=timeout_ms,
        topic_data=topics,
        max_version=VERSIONS[protocol]["Produce"],
    )


def txn_offset_commit(
    owner: Owner, protocol: int, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: Any
) -> TxnOffsetCommitRequest:
    """`group` names the member and its generation, by which a zombie is fenced (KIP-447)."""
    kind = TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
    topics = [
        kind(
            name=topic,
            partitions=[
                kind.TxnOffsetCommitRequestPartition(
                    partition_index=number,
                    committed_offset=offsets[TopicPartition(topic, number)].offset,
                    committed_leader_epoch=-1,
                    committed_metadata=offsets[TopicPartition(topic, number)].metadata,
                )
                for number in numbers
            ],
        )
        for topic, numbers in _by_topic(offsets).items()
    ]
    return TxnOffsetCommitRequest(
        transactional_id=owner.transactional_id,
        group_id=group.group_id,
        producer_id=owner.producer_id,
        producer_epoch=owner.epoch,
        generation_id=group.generation_id,
        member_id=group.member_id,
        group_instance_id=group.group_instance_id,
        topics=topics,
        max_version=VERSIONS[protocol]["TxnOffsetCommit"],
    )


def end_txn(owner: Owner, protocol: int, committed: bool) -> EndTxnRequest:
    """Commit or abort."""
    return EndTxnRequest(
        transactional_id=owner.transactional_id,
        producer_id=owner.producer_id,
        producer_epoch=owner.epoch,
        committed=committed,
        max_version=VERSIONS[protocol]["EndTxn"],
    )


def add_partitions(owner: Owner, places: Iterable[TopicPartition]) -> AddPartitionsToTxnRequest:
    """Version 1 alone: asked before the first record of each partition."""
    kind = AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
    return AddPartitionsToTxnRequest(
        v3_and_below_transactional_id=owner.transactional_id,
        v3_and_below_producer_id=owner.producer_id,
        v3_and_below_producer_epoch=owner.epoch,
        v3_and_below_topics=[kind(name=topic, partitions=numbers) for topic, numbers in _by_topic(places).items()],
        max_version=3,
    )


def add_offsets(owner: Owner, group: str) -> AddOffsetsToTxnRequest:
    """Version 1 alone: asked before the group's offsets."""
    return AddOffsetsToTxnRequest(
        transactional_id=owner.transactional_id,
        producer_id=owner.producer_id,
        producer_epoch=owner.epoch,
        group_id=group,
        max_version=3,
    )


def _by_topic(places: Iterable[TopicPartition]) -> dict[str, list[int]]:
    topics: dict[str, list[int]] = {}
    for topic, partition in places:
        topics.setdefault(topic, []).append(partition)
    return topics
