"""Kafka's own answers as tables: groups, leaders, transactions, records. With the admin client, as one does by hand."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from kafka import TopicPartition
from kafka.admin import TransactionState

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of, to_record, unread
from ecomkafka.clients.record import Record
from ecomkafka.dataframes import DataFrame, dataframe
from ecomkafka.topics import TOPICS

READ_SECONDS = 10.0
TEXT = 300
"""Characters of a value that are shown."""


def groups(cluster: Cluster) -> DataFrame:
    """One row per group and partition with a committed offset; a group without any has one row."""
    prefix, rows = cluster.name(""), []
    with closing(cluster.admin()) as admin, cluster.consumer(isolation_level="read_uncommitted") as consumer:
        names = sorted(g["group_id"] for g in admin.list_groups() if g["group_id"].startswith(prefix))
        described, offsets = admin.describe_groups(names), admin.list_group_offsets(names)
        for name in names:
            group = cluster.logical(name), str(described[name]["group_state"]), len(described[name]["members"])
            places = sorted(_lags(consumer, offsets[name]))
            rows += [(*group, f"{cluster.logical(p.topic)}:{p.partition}", *numbers) for p, *numbers in places]
            rows += [] if places else [(*group, "none yet", None, None, None)]
    return dataframe(rows, ["group", "state", "members", "partition", "committed", "end", "lag"])


def _lags(consumer: Any, offsets: Mapping[TopicPartition, Any]) -> Iterator[tuple[TopicPartition, int, int, int]]:
    for topic in {partition.topic for partition in offsets}:
        consumer.partitions_for_topic(topic)  # it has to know a topic before it can ask for its ends
    ends = consumer.end_offsets(list(offsets))
    for partition, committed in offsets.items():
        yield partition, committed.offset, ends[partition], ends[partition] - committed.offset


def leaders(cluster: Cluster) -> DataFrame:
    """One row per partition: who leads it, which brokers have a copy, which copies are in sync."""
    with closing(cluster.admin()) as admin:
        described = admin.describe_topics([cluster.name(topic) for topic in TOPICS])
    rows = [
        (f"{cluster.logical(topic['name'])}:{p['partition_index']}", *_replicas(p))
        for topic in described
        for p in topic["partitions"]
    ]
    return dataframe(sorted(rows), ["partition", "leader", "copies on", "in sync"])


def _replicas(partition: Mapping[str, Any]) -> tuple[str, str, str]:
    leader = partition["leader_id"]
    copies, in_sync = (" ".join(map(str, sorted(partition[name]))) for name in ("replica_nodes", "isr_nodes"))
    return str(leader) if leader > 0 else "none", copies, in_sync


def transactions(cluster: Cluster) -> DataFrame:
    """One row per transactional id; of an open transaction since when, and in which partitions."""
    with closing(cluster.admin()) as admin:
        listed = [one.transactional_id for found in admin.list_transactions().values() for one in found]
        names = sorted(name for name in listed if name.startswith(cluster.name("")))
        found = admin.describe_transactions(names) if names else {}
    rows = [(cluster.logical(name), one.state.value, *_begun(cluster, one)) for name, one in found.items()]
    return dataframe(rows, ["transactional id", "state", "since", "partitions"])


def _begun(cluster: Cluster, found: Any) -> tuple[str, str]:
    if found.state is not TransactionState.ONGOING:
        return "", ""
    places = sorted(f"{cluster.logical(place.topic)}:{place.partition}" for place in found.topic_partitions)
    return _clock(found.transaction_start_time_ms), ", ".join(places)


def records(cluster: Cluster, topic: str, last: int) -> DataFrame:
    """What is at the `last` offsets of each partition; markers of transactions have offsets too, and no row.

    `written` is the broker's time, `at` the one in the message.
    """
    with cluster.consumer(isolation_level="read_uncommitted") as consumer:
        partitions = partitions_of(consumer, cluster, topic)
        firsts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        starts = {p: max(firsts[p], ends[p] - last) for p in partitions}
        rows = [_row(to_record(cluster, raw)) for raw in _read(consumer, starts, ends)]
    return dataframe(sorted(rows), ["partition", "offset", "written", "at", "key", "type", "value"])


def _read(consumer: Any, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> Iterator[Any]:
    consumer.assign(list(starts))
    for partition, start in starts.items():
        consumer.seek(partition, start)
    deadline = time.monotonic() + READ_SECONDS
    while unread(consumer, ends) and time.monotonic() < deadline:
        for batch in consumer.poll(timeout_ms=100).values():
            yield from batch


def _row(record: Record) -> tuple[int, int, str, str, str, str, str]:
    key = (record.key or b"").decode("utf-8", "replace")
    value = "(none)" if record.value is None else record.value[: 4 * TEXT].decode("utf-8", "replace")[:TEXT]
    message = record.message
    at, kind = (_clock(1_000 * message.at.timestamp()), message.type) if message else ("", "?")
    return record.partition, record.offset, _clock(record.timestamp), at, key, kind, value


def _clock(milliseconds: float) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1_000, UTC):%H:%M:%S.%f}"[:-3]
