"""Consumer groups: who is a member, how far behind it is."""

from kafka.admin import MemberToRemove
from kafka.errors import KafkaError

from ecomkafka.runtime.clients import Cluster


def leave(cluster: Cluster, group: str, instance: str) -> None:
    """Take a static member out of its group, so that the others get its partitions now and not after the session timeout."""
    admin = cluster.admin()
    try:
        admin.remove_group_members(cluster.name(group), [MemberToRemove(group_instance_id=instance)])
    finally:
        admin.close()
