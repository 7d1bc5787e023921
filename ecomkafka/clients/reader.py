"""A reader of whole topics, from the beginning to the end: for tables, traces, restores and proofs."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from ecomkafka.clients.kafka_cluster import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.flow import CODECS
from ecomkafka.messages import UndecodableError


def read(cluster: Cluster, *topics: str, timeout: float = 60.0) -> list[Record]:
    """Every committed record of `topics`, by topic and partition in log sequence; `message` None if undecodable.

    Raises TimeoutError if the end was not reached in `timeout` seconds, LookupError if a topic does not exist.
    """
    with cluster.consumer(max_poll_records=2_000) as consumer:
        partitions = [partition for topic in topics for partition in partitions_of(consumer, cluster, topic)]
        ends = consumer.end_offsets(partitions)
        records = list(read_to(consumer, cluster, dict.fromkeys(partitions, 0), ends, timeout))
    order = {topic: number for number, topic in enumerate(topics)}
    return sorted(records, key=lambda record: (order[record.topic], record.partition, record.offset))


def partitions_of(consumer: KafkaConsumer, cluster: Cluster, topic: str) -> list[TopicPartition]:
    """The topic's partitions. Raises LookupError that says how to create it."""
    found = consumer.partitions_for_topic(cluster.name(topic))
    if not found:
        raise LookupError(f"topic {cluster.name(topic)!r} does not exist: 'ecomkafka create-topics' makes it")
    return [TopicPartition(cluster.name(topic), partition) for partition in sorted(found)]


def read_to(
    consumer: KafkaConsumer,
    cluster: Cluster,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    timeout: float,
) -> Iterator[Record]:
    """The committed records of each partition from its start to its end."""
    deadline = time.monotonic() + timeout
    consumer.assign(list(starts))
    first = consumer.beginning_offsets(list(starts))
    for partition, start in starts.items():
        consumer.seek(partition, max(start, first[partition]))
    while unread := [p for p in starts if consumer.position(p) < ends[p]]:
        if time.monotonic() > deadline:
            names = ", ".join(f"{p.topic}:{p.partition}" for p in unread)
            raise TimeoutError(
                f"{names}: the end was not reached in {timeout:.0f} s: a transaction may be open, or the broker is gone"
            )
        for partition, batch in consumer.poll(timeout_ms=20).items():
            for raw in batch:
                if raw.offset < ends[partition]:
                    yield to_record(cluster, raw)


def to_record(cluster: Cluster, raw: Any) -> Record:
    """A client's record as a Record: with the logical topic name, and the decoded value where that is possible."""
    topic = cluster.logical(raw.topic)
    codec = CODECS.get(topic)
    try:
        message = codec.decode(raw.value) if codec else None
    except UndecodableError:
        message = None
    place = topic, raw.partition, raw.offset
    return Record(*place, raw.key, raw.value, tuple(raw.headers), raw.timestamp, message, _producer(raw))


def _producer(raw: Any) -> tuple[int, int] | None:
    """None for a record of no transaction, and from a consumer of kafka-python as it is."""
    return raw.checksum if isinstance(raw.checksum, tuple) and raw.checksum[0] >= 0 else None
