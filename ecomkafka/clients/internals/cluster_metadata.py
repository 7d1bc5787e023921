"""Private parts of what a client knows of the cluster: topics and coordinators."""

from kafka import KafkaAdminClient
from kafka.cluster import ClusterMetadata


def forget_coordinators(metadata: ClusterMetadata) -> None:
    """Let the coordinators of groups and transactional ids be looked up again.

    kafka-python keeps a coordinator until a request of its own is told of another one, and goes on asking one that has
    died. Since 2.2.20 or earlier: `_coordinators`.
    """
    metadata._coordinators.clear()


def metadata_of(admin: KafkaAdminClient) -> ClusterMetadata:
    """What the admin client knows of the cluster. The other clients show theirs. Since 3.0.0: `_manager`."""
    return admin._manager.cluster


def track_topic(metadata: ClusterMetadata, topic: str) -> None:
    """Let the topic be part of the next metadata request.

    The public `add_topic` also starts a refresh in the background, after a pause of `retry_backoff_ms`; whoever awaits
    `refresh_metadata` at once would ask twice. Since 3.0.0: `_topics`; in 2.x
    the client had them.
    """
    metadata._topics.add(topic)
