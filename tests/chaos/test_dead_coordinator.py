"""The coordinator of a transactional id dies: whoever takes the id over looks for the next one."""

from contextlib import closing

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster, transaction_markers
from ecomkafka.clients.transaction import TransactionalProducer

ID = "taken-over"


def test_what_a_dead_coordinator_knew_the_next_one_tells_in_time():
    """kafka-python's admin client remembers a coordinator for ever."""
    with Broker(brokers=3) as broker:
        cluster = Cluster.of(broker.bootstrap, "shop")
        with TransactionalProducer(cluster, ID):
            pass
        with closing(cluster.admin()) as admin:
            told = admin.describe_transactions([cluster.name(ID)])[cluster.name(ID)]
        broker.nodes[told.coordinator_id - 1].kill()
        assert transaction_markers.complete(cluster, ID, timeout=TransactionalProducer.timeout) == []
