"""The coordinator of a transactional id or of a group is another broker now: whoever asks looks it up again."""

from contextlib import closing

from kafka.protocol.metadata import CoordinatorType, FindCoordinatorResponse

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster, groups, transaction_markers
from ecomkafka.clients.internals.cluster_metadata import metadata_of
from ecomkafka.clients.transaction import TransactionalProducer
from tests.waiting import eventually

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


def test_a_group_whose_coordinator_has_moved_is_asked_for_at_the_next_one():
    with Broker(brokers=3) as broker:
        cluster = Cluster.of(broker.bootstrap, "shop")
        name = cluster.name(groups.group_of("order"))
        with closing(cluster.admin()) as admin:
            ask = admin.list_group_offsets
            eventually(lambda: groups._fetch(admin, ask, [name]), "the topic of all coordinators is there")
            remembered = metadata_of(admin)
            node = str(remembered.get_coordinator(name, CoordinatorType.GROUP))
            other = next(b for b in remembered.brokers() if str(b.node_id) != node.rpartition("-")[2])
            wrong = FindCoordinatorResponse(error_code=0, node_id=other.node_id, host=other.host, port=other.port)
            remembered.add_coordinator(wrong, CoordinatorType.GROUP, name)
            assert groups._fetch(admin, ask, [name]) == {name: {}}
