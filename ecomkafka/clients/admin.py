"""Administration of topics: create, list with their settings, delete."""

from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import (
    ClusterAuthorizationFailedError,
    NoError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    TopicDeletionDisabledError,
    UnknownTopicOrPartitionError,
    for_code,
)

from ecomkafka.clients.kafka_cluster import Cluster
from ecomkafka.clients.profiles import PROFILES, Profile, check_profile
from ecomkafka.topics import TOPICS, Topic
from ecomkafka.waiting import until

_MS = 15_000


def create_topics(cluster: Cluster, profile: str | None = None) -> list[str]:
    """Create the missing topics, by `profile` or by the cluster's own profile; returns the (logical) names created.

    Idempotent: topics that exist stay unchanged.
    """
    layout = PROFILES[check_profile(profile or cluster.profile)]
    with closing(cluster.admin()) as admin:
        there = set(admin.list_topics())
        missing = [topic for topic in TOPICS.values() if cluster.name(topic.name) not in there]
        if not missing:
            return []
        _check_names(cluster, missing, there)
        answer = admin.create_topics(
            [_new(cluster, topic, layout) for topic in missing], timeout_ms=_MS, raise_errors=False
        )
        for result in answer["topics"]:
            error = for_code(result["error_code"])
            if error in (TopicAuthorizationFailedError, ClusterAuthorizationFailedError):
                raise PermissionError(
                    f"user {cluster.user!r} may not create the topic {result['name']}: ask whoever runs the cluster "
                    f"for all rights on topics, groups and transactional ids that begin with {cluster.name('')!r}"
                )
            if error not in (NoError, TopicAlreadyExistsError):
                raise RuntimeError(
                    f"topic {result['name']} was not created: {error.__name__}: {result['error_message']}"
                )
        admin.wait_for_topics([cluster.name(topic.name) for topic in missing], timeout_ms=_MS)
    return [topic.name for topic in missing]


def _check_names(cluster: Cluster, topics: Iterable[Topic], there: Iterable[str]) -> None:
    """Kafka refuses a name that differs from an existing one only by "." and "_": its metrics can't tell them apart."""
    taken = {name.replace(".", "_"): name for name in there}
    for name in (cluster.name(topic.name) for topic in topics):
        if other := taken.get(name.replace(".", "_")):
            raise ValueError(
                f"namespace {cluster.namespace!r}: the topic {name!r} can't be beside {other!r}, since Kafka takes '.' "
                "and '_' in names for the same: choose another namespace"
            )


def _new(cluster: Cluster, topic: Topic, layout: Profile) -> NewTopic:
    partitions = topic.partitions if topic.partitions == 1 or layout.partitions is None else layout.partitions
    return NewTopic(
        cluster.name(topic.name),
        num_partitions=partitions,
        replication_factor=layout.replication or -1,
        topic_configs=topic.config | layout.topics,
    )


def delete_topics(cluster: Cluster) -> None:
    """Delete this namespace's topics; a missing topic is no error."""
    with closing(cluster.admin()) as admin:
        there = set(admin.list_topics())
        delete(admin, [cluster.name(name) for name in TOPICS if cluster.name(name) in there])


def delete(admin: KafkaAdminClient, names: Sequence[str]) -> None:
    """Delete topics by their names on the cluster, and wait until no list has them. No other function deletes topics.

    The controller answers before the brokers know: a list at once would show the old topic as if it were new.
    A broker on Windows refuses (see `broker/server_properties.py`): there they stay until `ecomkafka clean`.
    Raises TimeoutError if they are listed after 15 s.
    """
    if not names:
        return
    try:
        with suppress(UnknownTopicOrPartitionError):  # somebody else was faster
            admin.delete_topics(names, timeout_ms=_MS)
    except TopicDeletionDisabledError:
        return
    until(lambda: not set(names) & set(admin.list_topics()), _MS / 1000, f"the topics {', '.join(names)} are deleted")


@dataclass(frozen=True)
class Described:
    """A topic as it is on the broker."""

    name: str
    partitions: int
    replication: int
    settings: dict[str, str]


def _partitions(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """By topic; empty if the broker that answers does not know of one yet, as another one does."""
    found = {topic["name"]: topic["partitions"] for topic in admin.describe_topics(names)}
    return found if all(found.values()) else {}


SHOWN = ("cleanup.policy", "retention.ms", "compression.type", "min.insync.replicas")


def describe_topics(cluster: Cluster) -> list[Described]:
    """The shop's existing topics, with partitions, replication and the settings in SHOWN, read from the broker."""
    with closing(cluster.admin()) as admin:
        there = set(admin.list_topics())
        names = [name for name in TOPICS if cluster.name(name) in there]
        if not names:
            return []
        topics = until(
            lambda: _partitions(admin, [cluster.name(name) for name in names]), _MS / 1000, "every topic is known"
        )
        resources = [ConfigResource(ConfigResourceType.TOPIC, cluster.name(name)) for name in names]
        settings = admin.describe_configs(resources, config_filter="all")["topic"]
    return [
        Described(
            name=name,
            partitions=len(topics[cluster.name(name)]),
            replication=len(topics[cluster.name(name)][0]["replica_nodes"]),
            settings={key: settings[cluster.name(name)][key]["value"] for key in SHOWN},
        )
        for name in names
    ]
