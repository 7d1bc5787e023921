"""Three brokers: what acks=1 loses and acks=all does not, seen in the brokers' own files."""

from contextlib import closing

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from ecomkafka.broker import Broker
from ecomkafka.lessons.replication import Copies, fates, freeze, leave, place
from ecomkafka.lessons.replication.asking import high_watermark, layout
from ecomkafka.lessons.replication.copies import DEAD, FROZEN_IN_SYNC, IN_SYNC, LEADER

LIMITS = {"request_timeout_ms": 1_500, "delivery_timeout_ms": 2_000}
TOPICS = ["hurried", "orders"]


@pytest.fixture(scope="module")
def three():
    with Broker(brokers=3) as broker:
        with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap.split(","))) as admin:
            admin.create_topics([NewTopic(topic, replica_assignments={0: [1, 2, 3]}) for topic in TOPICS])
            admin.wait_for_topics(TOPICS, timeout_ms=10_000)
        yield broker


def marks(copies, moment):
    """The high watermark that the leader told."""
    found = copies.table
    return found.loc[found["moment"] == moment, "high_watermark"].dropna().tolist()


def test_an_acknowledged_order_is_lost_with_acks_1_and_with_acks_all_it_was_not_acknowledged(three):
    nodes = {node.number: node for node in three.nodes}
    servers = three.bootstrap.split(",")
    hurried = KafkaProducer(bootstrap_servers=servers, acks=1, enable_idempotence=False, **LIMITS)
    careful = KafkaProducer(bootstrap_servers=servers, **LIMITS)
    every = {topic: Copies(three.nodes, topic) for topic in TOPICS}
    first = place(hurried, ["hurried"], ["Zoe"]) | place(careful, ["orders"], ["Zoe"])
    for copies in every.values():
        copies.await_copies(1, 2, 3)
    assert set(every["hurried"].look("before")["state"]) == {LEADER, IN_SYNC}

    freeze([nodes[2], nodes[3]])
    taken = place(hurried, ["hurried"], ["Ann"]) | place(careful, ["orders"], ["Ann"])
    frozen = every["hurried"].look("frozen")
    assert frozen["state"].tolist() == [LEADER, FROZEN_IN_SYNC, FROZEN_IN_SYNC]
    assert frozen["records"].tolist() == ["Zoe, Ann", "Zoe", "Zoe"]
    assert marks(every["hurried"], "frozen") == [1]

    nodes[1].kill()
    for number in (2, 3):
        nodes[number].resume()
    for copies in every.values():
        copies.await_leader(1)
    assert every["hurried"].look("dead").loc[1, "state"] == DEAD
    assert marks(every["hurried"], "dead") == [1]
    nodes[1].start()
    nodes[1].wait()
    for copies in every.values():
        copies.await_in_sync(1, 2, 3)
        copies.await_copies(1, 2, 3)
    leave(hurried)
    leave(careful)

    assert first == {"hurried": ["Zoe"], "orders": ["Zoe"]}
    assert taken == {"hurried": ["Ann"], "orders": []}
    counted = fates("frozen", taken, every, asked=1).set_index("setting")
    assert counted.loc["hurried", ["taken", "taken and lost", "without a yes"]].tolist() == [0, 1, 0]
    assert counted.loc["orders", ["taken", "taken and lost", "without a yes"]].tolist() == [0, 0, 1]


def test_a_broker_that_does_not_lead_tells_no_high_watermark(three):
    now = layout(three.nodes[0].address, "orders")
    follower = next(node for node in three.nodes if node.number != now.leader)
    with pytest.raises(KafkaError):
        high_watermark(follower.address, "orders")


def test_a_topic_that_is_not_there_is_named(three):
    with pytest.raises(KafkaError):
        layout(three.nodes[0].address, "no-such-topic")
