"""A producer's epoch is used up after 32,767 transactions: the broker gives it another id, and nothing is lost."""

from kafka import OffsetAndMetadata, TopicPartition
from kafka.structs import ConsumerGroupMetadata

from ecomkafka.clients.reader import read
from ecomkafka.clients.transaction import TransactionalProducer
from tests.workers import REQUESTS

LAST = 32_766
"""The highest epoch that a transaction of a producer may have: one more is the coordinator's."""


def test_a_producer_goes_on_under_another_id_when_its_epochs_are_used_up(cluster):
    group = ConsumerGroupMetadata(cluster.name("inventory-service"), -1, "", None)
    place = TopicPartition(cluster.name(REQUESTS), 0)
    with TransactionalProducer(cluster, "long-lived") as producer:
        before = producer._protocol.owner
        while producer._protocol.owner.epoch < LAST - 3:  # an abort without records costs one request
            producer._ask("an epoch more", producer._protocol.end, False)
        for number in range(8):
            producer.begin()
            producer.send(cluster.name(REQUESTS), b"WH", b"%d" % number, [], partition=0)
            producer.commit({place: OffsetAndMetadata(number, "", -1)}, group)
        after = producer._protocol.owner
    assert (before.producer_id != after.producer_id, after.epoch < 8) == (True, True)
    assert [record.value for record in read(cluster, REQUESTS)] == [b"%d" % number for number in range(8)]
    with cluster.consumer("inventory-service") as consumer:
        assert consumer.committed(place, timeout_ms=15_000) == 7
