"""What lesson 09 does to the broker: a client that dies between its two writes, and the price of a transaction."""

import threading

import pytest

from ecomkafka.clients.reader import read
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.invariants.open_transactions import hanging, open_transactions, stay
from ecomkafka.lessons import dual_write, transaction_cost, transaction_timeline


def types(cluster, topic):
    return [record.message.type for record in read(cluster, topic)]


def test_of_two_writes_the_first_is_there_when_the_client_dies(cluster):
    assert dual_write.run_until_death(cluster, "two_writes", "ANN-1") == dual_write.DIED
    assert (types(cluster, "inventory.requests"), types(cluster, "orders.events")) == (["RESERVE"], [])


def test_of_a_transaction_nothing_is_there_and_its_next_owner_ends_it(cluster):
    dual_write.run_until_death(cluster, "one_transaction", "ANN-2")
    assert open_transactions(cluster) == [cluster.name(dual_write.CLIENT)]
    with TransactionalProducer(cluster, dual_write.CLIENT):
        assert open_transactions(cluster) == []
    assert (types(cluster, "inventory.requests"), types(cluster, "orders.events")) == ([], [])


def test_only_a_transaction_that_nobody_is_about_to_end_is_left_open(cluster):
    with TransactionalProducer(cluster, "idle") as idle, TransactionalProducer(cluster, "busy") as busy:
        for producer in (idle, busy):
            producer.begin()
            producer.send(cluster.name("quarantine"), b"key", b"{}", [])
            producer.flush()
        assert open_transactions(cluster) == [cluster.name("busy"), cluster.name("idle")]
        ending = threading.Timer(0.2, busy.commit, ({}, None))
        ending.start()
        assert stay(open_transactions, cluster) == [cluster.name("idle")]
        assert stay(hanging, cluster) == ["quarantine:0:0"]
        ending.join()


def test_a_client_that_ends_in_another_way_is_no_crash(cluster):
    with pytest.raises(RuntimeError, match="ended with 1"):
        dual_write.run_until_death(cluster, "no such way", "ANN-3")


def test_larger_transactions_carry_more_and_the_topics_are_gone_afterwards(cluster):
    frame = transaction_cost.measure(cluster, sizes=(1, 50), seconds=0.5, most=200)
    assert frame["records"].tolist() == [1, 50]
    small, large = frame["records/s"]
    assert large > 3 * small > 0
    with cluster.consumer() as consumer:
        assert not {name for name in consumer.topics() if name.startswith(cluster.name("transaction-cost"))}


def test_version_2_asks_three_questions_where_version_1_asks_five(cluster):
    frame = transaction_timeline.measure(cluster, transactions=5)
    asked = {version: set(rows["request"]) for version, rows in frame.groupby("version")}
    three = {"Produce", "TxnOffsetCommit", "EndTxn"}
    assert asked == {
        transaction_timeline.VERSION_1: three | {"AddPartitionsToTxn", "AddOffsetsToTxn"},
        transaction_timeline.VERSION_2: three,
    }
    assert (frame["asked"] < frame["answered"]).all()
    with cluster.consumer() as consumer:
        assert cluster.name("transaction-timeline") not in consumer.topics()
