"""A new certificate for a node that runs: Kafka shows it to new connections, the open ones go on."""

from contextlib import closing

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from ecomkafka.broker.node import Node
from ecomkafka.broker.security.accounts import KEYSTORE
from ecomkafka.clients import Cluster
from ecomkafka.machine.errors import BrokerError

_SETTING = "listener.name.broker.ssl.keystore.location"
_SPELLINGS = (f"./{KEYSTORE}", f"././{KEYSTORE}")
"""Of one file. Kafka examines what it reads, and tells what is wrong, if the setting has changed; else it is silent."""


def renew(node: Node, cluster: Cluster) -> None:
    """Give the node a new certificate of the same CA; `cluster` is ADMIN's.

    The controller's listener keeps the old one until a restart, at which a node gets a new one anyway. Raises
    BrokerError if Kafka refuses.
    """
    node.equip()
    with closing(cluster.admin()) as admin:
        one, other = _SPELLINGS
        changed = {_SETTING: other if _present(admin, node) == one else one}
        resource = ConfigResource(ConfigResourceType.BROKER, str(node.number), changed)
        # The error is returned, not raised.
        answer = admin.alter_configs([resource], raise_on_unknown=False)["broker"][str(node.number)]
    if answer != "OK":
        wrong = f"node {node.number} does not take its new certificate ({answer})"
        raise BrokerError(f"{wrong}: stop it and start it again")


def _present(admin: KafkaAdminClient, node: Node) -> str | None:
    found = admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, str(node.number))], config_filter="all")
    setting = found["broker"][str(node.number)].get(_SETTING)
    return setting["value"] if setting else None
