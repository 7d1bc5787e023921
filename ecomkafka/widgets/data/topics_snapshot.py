"""A snapshot of Kafka for the topics browser: topics, partitions, offsets, groups and lag."""

import threading
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from kafka import TopicPartition

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import Lag, Membership, lags, memberships
from ecomkafka.topics import TOPICS
from ecomkafka.widgets.drawing.markup import table

EVERY_SECONDS = 2.0
_PATIENCE = 5
"""Nor is it asked before so many times as long as the last answer took."""

OVERDUE_SECONDS = 5.0
_STOP_SECONDS = 20.0


class Partition(NamedTuple):
    number: int
    first: int
    end: int
    """The next offset. From `first` to it lie the records, and the markers with which transactions end."""
    leader: int
    in_sync: tuple[int, ...]
    stable: int
    """The last stable offset: below `end` while a transaction is open."""


class Snapshot(NamedTuple):
    partitions: Mapping[str, tuple[Partition, ...]]
    """By topic, in the sequence of `ecomkafka/topics.py`; a topic that does not exist is left out."""
    lags: tuple[Lag, ...] = ()
    groups: tuple[Membership, ...] = ()


class Snapshots:
    """Asks in a thread of its own, so that no click waits for it, and keeps the newest answer."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.newest = Snapshot({})
        self._at = ""
        self._silent_since: float | None = None
        self._error: Exception | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="topics-snapshots", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Raises TimeoutError if what is being asked does not end in 20 s."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
            if self._thread.is_alive():
                raise TimeoutError(f"the topics browser still waits for Kafka after {_STOP_SECONDS:.0f} s")

    def _run(self) -> None:
        took = 0.0
        while not self._stopping.wait(max(EVERY_SECONDS, _PATIENCE * took) if took else 0.0):
            started = time.monotonic()
            self._silent_since = self._silent_since or started
            try:
                self.newest = _ask(self._cluster)
                self._at, self._silent_since, self._error = f"{datetime.now():%H:%M:%S}", None, None
            except Exception as error:  # noqa: BLE001 - the thread's last frame: `check` tells it, and it is tried again
                self._error = error
            took = time.monotonic() - started

    def check(self) -> None:
        """Raises TimeoutError if the answer is overdue."""
        if self._silent_since is not None and time.monotonic() - self._silent_since > OVERDUE_SECONDS:
            what = f"the offsets are those of {self._at}" if self._at else "the offsets are not known"
            why = f": {self._error}" if self._error else ""
            raise TimeoutError(f"Kafka does not answer, {what}{why}") from self._error


def _ask(cluster: Cluster) -> Snapshot:
    with closing(cluster.admin()) as admin:
        there = set(admin.list_topics())
        names = [cluster.name(name) for name in TOPICS if cluster.name(name) in there]
        described = {topic["name"]: topic["partitions"] for topic in admin.describe_topics(names)} if names else {}
    # Ends as they are for the broker: a record behind an open transaction is there, though nobody is shown it yet.
    with cluster.consumer(isolation_level="read_uncommitted") as consumer:
        places = [TopicPartition(name, p["partition_index"]) for name in names for p in described[name]]
        firsts, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
    with cluster.consumer() as consumer:  # what is committed
        stable = consumer.end_offsets(places)
    partitions = {
        cluster.logical(name): tuple(
            Partition(
                number := p["partition_index"],
                firsts[TopicPartition(name, number)],
                ends[TopicPartition(name, number)],
                p["leader_id"],
                tuple(p["isr_nodes"]),
                stable[TopicPartition(name, number)],
            )
            for p in sorted(described[name], key=lambda p: int(p["partition_index"]))
        )
        for name in names
    }
    return Snapshot(partitions, tuple(lags(cluster)), tuple(memberships(cluster)))


def topics_table(snapshot: Snapshot) -> str:
    """One row a topic."""
    rows = [
        (name, len(parts), f"{sum(p.end - p.first for p in parts):,}", _kept(name), _readers(snapshot, name))
        for name, parts in snapshot.partitions.items()
    ]
    return table(f"Topics: {len(rows)}", ("topic", "partitions", "offsets", "kept", "groups that read it"), rows)


def partitions_table(snapshot: Snapshot, topic: str) -> str:
    """One row a partition."""
    rows = [
        (p.number, p.first, p.end, p.end - p.first, p.leader, ", ".join(map(str, p.in_sync)))
        for p in snapshot.partitions.get(topic, ())
    ]
    columns = ("partition", "first offset", "end offset", "offsets", "leader", "in sync")
    return table(f"Partitions of {topic}", columns, rows)


def groups_table(snapshot: Snapshot, topic: str) -> str:
    """One row a group and partition; a sentence if no group reads the topic."""
    groups = {group.group: group for group in snapshot.groups}
    rows = [_reader(lag, groups.get(lag.group)) for lag in snapshot.lags if lag.topic == topic]
    if not rows:
        return "<p>No group of a service reads this topic.</p>"
    columns = ("group", "state", "members", "partition", "committed", "end", "lag", "last commit")
    return table(f"Groups that read {topic}", columns, rows)


def _reader(lag: Lag, group: Membership | None) -> tuple[object, ...]:
    state, members = (group.state, ", ".join(group.members) or "none") if group else ("", "")
    commit = f"{lag.last_commit:%H:%M:%S}" if lag.last_commit else ""
    return lag.group, state, members, lag.partition, lag.committed, lag.end, lag.lag, commit


def _readers(snapshot: Snapshot, topic: str) -> str:
    totals: dict[str, int] = {}
    for lag in snapshot.lags:
        if lag.topic == topic:
            totals[lag.group] = totals.get(lag.group, 0) + lag.lag
    return ", ".join(f"{group} (lag {count:,})" for group, count in totals.items())


def _kept(topic: str) -> str:
    retention = TOPICS[topic].retention
    return "the newest of each key" if retention is None else f"{retention.days} d"
