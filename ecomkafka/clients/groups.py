"""Consumer groups: members, committed offsets, lag, and the time of the last commit."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from typing import Any, NamedTuple

from kafka import TopicPartition
from kafka.admin import MemberToRemove
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
)

from ecomkafka.clients.internals.cluster_metadata import forget_coordinators, metadata_of
from ecomkafka.clients.kafka_cluster import Cluster
from ecomkafka.flow import HOPS
from ecomkafka.logs import log


def group_of(service: str) -> str:
    """The group of all instances of a service."""
    return f"{service}-service"


HOLDER_SECONDS = 3.0
MOVE_SECONDS = 5.0

GROUPS = {group_of(service): hop for service, hop in HOPS.items()}


class Lag(NamedTuple):
    """How far a group is behind in one partition."""

    group: str
    topic: str
    partition: int
    committed: int | None
    """The next offset to handle; None if nothing was committed yet."""
    end: int
    lag: int
    last_commit: datetime | None


class Membership(NamedTuple):
    """A group as its coordinator knows it."""

    group: str
    state: str
    """Stable, PreparingRebalance, CompletingRebalance, Empty or Dead (nobody has joined yet)."""
    members: tuple[str, ...]
    """The instances' names."""


def lags(cluster: Cluster) -> list[Lag]:
    """One entry for each existing partition that a service reads, in the sequence of the flow."""
    with closing(cluster.admin()) as admin:
        committed = _fetch(admin, admin.list_group_offsets, [cluster.name(group) for group in GROUPS])
    # Ends as they are for the broker: one that hides behind an open transaction is a lag as well.
    with cluster.consumer(isolation_level="read_uncommitted") as consumer:
        inputs = {group: list(_partitions(consumer, cluster, hop.reads)) for group, hop in GROUPS.items()}
        partitions = list({partition for read in inputs.values() for partition in read})
        ends, firsts = consumer.end_offsets(partitions), consumer.beginning_offsets(partitions)
    return [
        _lag(cluster, group, p, committed.get(cluster.name(group), {}).get(p), firsts[p], ends[p])
        for group, read in inputs.items()
        for p in read
    ]


def _partitions(consumer: Any, cluster: Cluster, topics: tuple[str, ...]) -> Iterator[TopicPartition]:
    for topic in map(cluster.name, topics):
        for partition in sorted(consumer.partitions_for_topic(topic) or ()):
            yield TopicPartition(topic, partition)


def _lag(cluster: Cluster, group: str, partition: TopicPartition, commit: Any, first: int, end: int) -> Lag:
    topic, number = cluster.logical(partition.topic), partition.partition
    if commit is None or commit.offset < 0:
        return Lag(group, topic, number, None, end, end - first, None)
    # What retention has deleted is not waited for any more.
    lag = max(0, end - max(commit.offset, first))
    return Lag(group, topic, number, commit.offset, end, lag, _time(commit.metadata))


def _time(metadata: str | None) -> datetime | None:
    """The worker stamps its commits with the time (see `engine/loop.py`); another client's metadata says nothing."""
    try:
        return datetime.fromisoformat(metadata or "")
    except ValueError:
        return None


def memberships(cluster: Cluster) -> list[Membership]:
    """Each service's group, in the sequence of the flow."""
    with closing(cluster.admin()) as admin:
        described = _fetch(admin, admin.describe_groups, [cluster.name(group) for group in GROUPS])
    return [_membership(group, described.get(cluster.name(group))) for group in GROUPS]


def _membership(group: str, described: dict[str, Any] | None) -> Membership:
    if described is None:
        return Membership(group, "Dead", ())
    names = sorted(str(member["group_instance_id"] or member["member_id"]) for member in described["members"])
    return Membership(group, str(described["group_state"]) or "Dead", tuple(names))


def holder(cluster: Cluster, group: str, instance: str) -> str | None:
    """The process of a group's member `instance`, by its `whereabouts`; None without such a member or without an
    answer.

    A group that rebalances shows no member metadata, so the question is repeated for HOLDER_SECONDS.
    """
    deadline = time.monotonic() + HOLDER_SECONDS
    # Who was fenced is told so in any case.
    with suppress(KafkaError, ConnectionError), closing(cluster.admin(request_timeout_ms=2_000)) as admin:
        while time.monotonic() < deadline:
            described = _fetch(admin, admin.describe_groups, [cluster.name(group)]).get(cluster.name(group), {})
            for member in described.get("members", ()):
                if member["group_instance_id"] == instance and (metadata := member["member_metadata"]):
                    return str(metadata["user_data"]) or None
            time.sleep(0.1)
    return None


def _fetch(admin: Any, ask: Any, groups: list[str]) -> dict[str, Any]:
    """The answer of an admin call; empty before the first group, which makes Kafka create `__consumer_offsets`.

    The question is repeated for MOVE_SECONDS while another broker becomes the coordinator.
    """
    deadline = time.monotonic() + MOVE_SECONDS
    while True:
        try:
            return dict(ask(groups))
        except CoordinatorNotAvailableError:
            return {}
        except (NotCoordinatorError, CoordinatorLoadInProgressError):
            if time.monotonic() > deadline:
                raise
            forget_coordinators(metadata_of(admin))
            time.sleep(0.1)


def leave(cluster: Cluster, group: str, instance: str) -> None:
    """Remove a static member from `group` (its name on the cluster): its partitions are reassigned at once.

    Otherwise the group waits for the session timeout. It also does if no broker answers in time; that is logged.
    """
    try:
        with closing(cluster.admin(request_timeout_ms=2_000)) as admin:
            admin.remove_group_members(group, [MemberToRemove(group_instance_id=instance)])
    except (KafkaError, ConnectionError) as error:
        log.warning("⚠️ left without a word", group=group, instance=instance, error=str(error))
