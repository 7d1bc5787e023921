"""A request of a transaction that comes late, after later ones: it may end, or change, no later transaction.

With version 1 of the transaction protocol a request names the producer and its epoch, and not the transaction
(KAFKA-17754). kafka-python sends once more what got lost with its connection, and the first copy may still be on its
way. With version 2 each transaction has an epoch of its own (KIP-890).
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.admin import TransactionState
from kafka.errors import KafkaError
from kafka.protocol.api_key import ApiKey
from kafka.structs import ConsumerGroupMetadata

from ecomkafka.clients.groups import group_of
from ecomkafka.clients.reader import read
from ecomkafka.clients.transaction import TransactionalProducer, UnknownOutcomeError
from ecomkafka.faults.network_proxy import Fault, Proxy
from tests.waiting import PATIENCE, eventually
from tests.workers import REQUESTS, Counting, Once, ask, exactly_once

ID = "late"
GROUP = group_of("inventory")

IN_A_TRANSACTION = [ApiKey.Produce, ApiKey.TxnOffsetCommit, ApiKey.EndTxn]
KINDS = [ApiKey.InitProducerId, *IN_A_TRANSACTION]

LATER = 6
"""The end that is asked for again, the partition that is added, and some records."""


@pytest.fixture
def proxy():
    with Proxy() as running:
        yield running


@pytest.fixture
def producer(cluster, proxy):
    with TransactionalProducer(proxy.through(cluster), ID) as taken_over:
        yield taken_over


def send(producer, cluster, value, partition=0):
    """Until it is written."""
    producer.send(cluster.name(REQUESTS), b"WH", value, [], partition=partition)
    producer.flush()


def group(cluster):
    """Of a group that nobody has joined."""
    return ConsumerGroupMetadata(cluster.name(GROUP), -1, "", None)


def values(cluster):
    return [record.value for record in read(cluster, REQUESTS)]


def offset(cluster, number):
    return {TopicPartition(cluster.name(REQUESTS), 0): OffsetAndMetadata(number, "", -1)}


def committed(cluster):
    with cluster.consumer(GROUP) as consumer:
        return consumer.committed(TopicPartition(cluster.name(REQUESTS), 0), timeout_ms=15_000)


def ended(cluster):
    """Whether the coordinator has done all of the id's last transaction: the next one need not wait for it."""
    with closing(cluster.admin()) as admin:
        state = admin.describe_transactions([cluster.name(ID)])[cluster.name(ID)].state
    return state in (TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT)


def send_until(rule, send):
    """Records of an open transaction, until the late request has met it; returns them."""
    sent = []
    while not rule.arrived.is_set():
        sent.append(f"record {len(sent)}".encode())
        send(sent[-1])
    return sent


def test_with_the_bare_client_a_late_end_ends_a_later_transaction(cluster, proxy):
    """The trap itself: what nobody has committed yet is there for all. If this fails, kafka-python was repaired."""
    bare = proxy.through(cluster).producer(ID)
    with closing(bare):
        bare.init_transactions()
        rule = proxy.on(ApiKey.EndTxn, Fault.LATE_REQUEST, later=LATER)
        bare.begin_transaction()
        bare.send(cluster.name(REQUESTS), b"first", partition=0)
        bare.commit_transaction()
        eventually(lambda: ended(cluster), "the first transaction is done")
        bare.begin_transaction()
        sent = send_until(
            rule, lambda value: bare.send(cluster.name(REQUESTS), value, partition=0).get(timeout=PATIENCE)
        )
        assert values(cluster) == [b"first", *sent]
        bare.close(timeout=0)


@pytest.mark.parametrize("end", ["commit", "abort"])
def test_a_late_end_of_a_transaction_ends_no_later_one(cluster, proxy, producer, end):
    rule = proxy.on(ApiKey.EndTxn, Fault.LATE_REQUEST, later=LATER)
    producer.begin()
    send(producer, cluster, b"first")
    producer.commit({}, None) if end == "commit" else producer.abort()
    eventually(lambda: ended(cluster), "the first transaction is done")
    before = [b"first"] if end == "commit" else []

    producer.begin()
    sent = send_until(rule, lambda value: send(producer, cluster, value))
    assert values(cluster) == before
    send(producer, cluster, b"last", partition=1)
    producer.commit({}, None)
    assert values(cluster) == [*before, *sent, b"last"]


@pytest.mark.parametrize("later", range(1, 8))
def test_late_offsets_replace_no_newer_ones(cluster, proxy, producer, later):
    proxy.on(ApiKey.TxnOffsetCommit, Fault.LATE_REQUEST, later=later)
    producer.begin()
    with pytest.raises(KafkaError):
        producer.commit(offset(cluster, 1), group(cluster))
    producer.abort()
    for number in (2, 3, 4):
        producer.begin()
        producer.commit(offset(cluster, number), group(cluster))
        eventually(lambda: ended(cluster), "the transaction is done")
    assert committed(cluster) == 4


@pytest.mark.parametrize("later", [1, 2, LATER])
@pytest.mark.parametrize("api", IN_A_TRANSACTION, ids=[api.name for api in IN_A_TRANSACTION])
def test_what_a_dead_owner_has_sent_is_refused_to_the_next_one(cluster, proxy, api, later):
    """A crash, and a start with the same name: `take_over` raises the epoch."""
    dead = TransactionalProducer(proxy.through(cluster), ID)
    with ThreadPoolExecutor() as pool, dead:
        rule = proxy.on(api, Fault.LATE_REQUEST, later=later)
        proxy.on(api, Fault.LOSE_REQUEST, times=1_000_000)
        dead.begin()
        dead.send(cluster.name(REQUESTS), b"WH", b"of the dead", [], partition=0)
        commit = pool.submit(dead.commit, offset(cluster, 1), group(cluster))
        assert rule.happened.wait(PATIENCE)
        dead.discard()
        assert isinstance(commit.exception(timeout=PATIENCE), (KafkaError, UnknownOutcomeError))
    proxy.heal()
    with TransactionalProducer(proxy.through(cluster), ID) as owner:
        owner.begin()
        sent = send_until(rule, lambda value: send(owner, cluster, value))
        assert values(cluster) == []
        send(owner, cluster, b"last", partition=1)
        owner.commit(offset(cluster, 2), group(cluster))
    assert values(cluster) == [*sent, b"last"]
    assert committed(cluster) == 2


@pytest.mark.parametrize("api", KINDS, ids=[api.name for api in KINDS])
def test_whenever_a_request_comes_late_each_record_is_handled_once(cluster, proxy, api):
    rounds = 8
    with Counting(proxy.through(cluster)) as worker:
        for later in range(1, rounds + 1):
            rule = proxy.on(api, Fault.LATE_REQUEST, later=later)
            if api is ApiKey.InitProducerId:
                worker.at = Once("after_produce", go_back)
            ask(cluster, 10, start=10 * later - 10)
            exactly_once(cluster, 10 * later)
            assert rule.happened.is_set()
            proxy.heal()
        ask(cluster, 10, start=10 * rounds)
        exactly_once(cluster, 10 * rounds + 10)
        assert worker.status == "running"


def go_back():
    raise KafkaError("the id is to be taken over anew")
