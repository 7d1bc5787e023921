"""What the brokers answer to a transaction's requests, and what each answer means: version 2 of the protocol, and 1."""

from contextlib import closing

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.admin import UpdateFeatureType
from kafka.errors import (
    FencedInstanceIdError,
    IllegalGenerationError,
    InvalidProducerEpochError,
    InvalidProducerIdMappingError,
    InvalidTxnStateError,
    ProducerFencedError,
    TransactionAbortableError,
    UnknownMemberIdError,
)
from kafka.protocol.api_key import ApiKey
from kafka.structs import ConsumerGroupMetadata

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from ecomkafka.clients.groups import group_of
from ecomkafka.clients.reader import read
from ecomkafka.clients.transaction import TransactionalProducer, UnknownOutcomeError
from ecomkafka.clients.transaction_protocol import TransactionProtocol
from ecomkafka.faults.network_proxy import Fault, Proxy
from tests.waiting import eventually
from tests.workers import REQUESTS, Counting, ask, exactly_once

GROUP = group_of("inventory")
ID = "asked"


@pytest.fixture
def proxy():
    with Proxy() as running:
        yield running


@pytest.fixture
def producer(cluster, proxy):
    with TransactionalProducer(proxy.through(cluster), ID) as owner:
        yield owner


def begin(producer, cluster, value=b"first"):
    producer.begin()
    producer.send(cluster.name(REQUESTS), b"WH", value, [], partition=0)


def offsets(cluster, offset=7):
    return {TopicPartition(cluster.name(REQUESTS), 0): OffsetAndMetadata(offset, "", -1)}


def group(cluster):
    """Of a group that nobody has joined."""
    return ConsumerGroupMetadata(cluster.name(GROUP), -1, "", None)


def values(cluster):
    return [record.value for record in read(cluster, REQUESTS)]


# --- the end


@pytest.mark.parametrize("fault", [Fault.LOSE_REQUEST, Fault.LOSE_ANSWER, Fault.SWALLOW_REQUEST, Fault.SWALLOW_ANSWER])
def test_an_end_that_is_not_answered_is_asked_for_again_and_done_once(cluster, proxy, producer, fault):
    """By the epoch the coordinator knows whether it has done that already."""
    for value in (b"first", b"second"):
        rule = proxy.on(ApiKey.EndTxn, fault)
        begin(producer, cluster, value)
        producer.commit({}, None)
        assert rule.happened.is_set()
    assert values(cluster) == [b"first", b"second"]


def test_each_transaction_has_an_epoch_of_its_own(cluster, producer):
    epochs = []
    for end in (lambda: producer.commit({}, None), producer.abort, lambda: producer.commit({}, None)):
        begin(producer, cluster)
        producer.flush()
        epochs.append(producer._protocol.owner.epoch)
        end()
    assert epochs == [epochs[0], epochs[0] + 1, epochs[0] + 2]
    assert len(values(cluster)) == 2


def test_a_transaction_without_records_and_offsets_asks_the_broker_nothing(cluster, proxy, producer):
    producer.begin()
    producer.commit({}, None)
    producer.abort()
    assert proxy.answered[ApiKey.EndTxn] == 0


def test_a_record_is_as_old_as_its_place_among_those_that_were_sent(cluster, producer):
    """However long it takes to pack those of another partition: the story of an order is told by its records' times."""
    producer.begin()
    for number in range(20_000):
        producer.send(cluster.name(REQUESTS), b"WH", b"%d" % number, [], partition=int(number == 1))
    producer.commit({}, None)
    at = {record.value: record.timestamp for record in read(cluster, REQUESTS)}
    assert at[b"0"] <= at[b"1"] <= at[b"2"]


# --- errors


def test_after_another_owner_has_taken_the_id_over_nothing_can_be_written_or_committed(cluster, producer):
    begin(producer, cluster)
    producer.flush()
    with TransactionalProducer(cluster, ID):
        producer.send(cluster.name(REQUESTS), b"WH", b"second", [], partition=0)
        with pytest.raises(InvalidProducerEpochError):
            producer.flush()
        with pytest.raises(ProducerFencedError):
            producer.commit({}, None)
    assert values(cluster) == []


def test_an_end_of_what_was_never_begun_is_refused(cluster, producer):
    with pytest.raises(InvalidTxnStateError):
        producer._ask("the end", producer._protocol.end, True)


def test_records_for_a_partition_that_version_1_did_not_add_can_only_be_aborted(cluster, producer):
    producer._protocol.version = 1
    begin(producer, cluster)
    producer._added.add(TopicPartition(cluster.name(REQUESTS), 0))
    with pytest.raises(TransactionAbortableError):
        producer.flush()


def test_a_producer_id_that_is_not_of_the_transactional_id_is_refused(cluster, producer):
    owner = producer._protocol.owner
    producer._protocol.owner = owner._replace(producer_id=owner.producer_id + 1_000_000)
    begin(producer, cluster)
    with pytest.raises(InvalidProducerIdMappingError):
        producer.flush()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"generation_id": 99}, IllegalGenerationError),
        ({"member_id": "nobody", "group_instance_id": None}, UnknownMemberIdError),
        ({"member_id": "nobody"}, FencedInstanceIdError),
    ],
)
def test_offsets_are_taken_of_the_member_that_has_the_partitions_only(cluster, producer, change, error):
    with cluster.consumer(GROUP, "inventory-0") as consumer:
        consumer.subscribe([cluster.name(REQUESTS)])
        eventually(lambda: consumer.poll(timeout_ms=200) == {} and consumer.assignment(), "it has partitions")
        membership = consumer.group_metadata()
        begin(producer, cluster)
        with pytest.raises(error):
            producer.commit(offsets(cluster), membership._replace(**change))
        producer.abort()
        begin(producer, cluster, b"second")
        producer.commit(offsets(cluster), membership)
        assert consumer.committed(TopicPartition(cluster.name(REQUESTS), 0)) == 7
    assert values(cluster) == [b"second"]


# --- a cluster that speaks version 1 only


@pytest.fixture(scope="module")
def older():
    """Such a cluster: the features of a new one, but that of transactions."""
    with Broker() as broker:
        cluster = Cluster.of(broker.bootstrap, "older")
        with closing(cluster.admin()) as admin:
            admin.update_features({"transaction.version": (UpdateFeatureType.SAFE_DOWNGRADE, 1)})
            eventually(
                lambda: admin.describe_features()["transaction.version"]["finalized"] == (1, 1),
                "the cluster speaks version 1",
            )
        create_topics(cluster)
        yield cluster


def test_an_older_cluster_gets_the_requests_of_version_1(older):
    with Proxy() as proxy, TransactionalProducer(proxy.through(older), ID) as producer:
        for value in (b"first", b"second"):
            begin(producer, older, value)
            producer.commit(offsets(older), group(older))
        begin(producer, older, b"aborted")
        producer.flush()
        producer.abort()
        assert proxy.answered[ApiKey.AddPartitionsToTxn] >= 3
        assert proxy.answered[ApiKey.AddOffsetsToTxn] >= 2
    assert values(older) == [b"first", b"second"]


def test_with_version_1_an_end_is_asked_for_once(older):
    """A second one that comes late would end a later transaction (KAFKA-17754)."""
    with Proxy() as proxy, TransactionalProducer(proxy.through(older), "once") as producer:
        proxy.on(ApiKey.EndTxn, Fault.LOSE_ANSWER)
        begin(producer, older)
        with pytest.raises(UnknownOutcomeError):
            producer.commit({}, None)


def test_a_service_on_an_older_cluster_handles_each_record_once(older):
    with Counting(older):
        ask(older, 30)
        exactly_once(older, 30)


# --- the way


def test_records_and_offsets_go_by_one_connection(cluster, producer, monkeypatch):
    """By two, they can meet in the broker's queue, and it refuses one of them."""
    ways = {}
    send = TransactionProtocol._send

    async def noted(self, node, request):
        ways[type(request).__name__] = node
        return await send(self, node, request)

    monkeypatch.setattr(TransactionProtocol, "_send", noted)
    begin(producer, cluster)
    producer.commit(offsets(cluster), group(cluster))
    assert ways["ProduceRequest"] == ways["TxnOffsetCommitRequest"] == ways["EndTxnRequest"]
