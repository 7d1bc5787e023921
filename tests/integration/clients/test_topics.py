"""The shop's topics on the broker."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

from kafka.admin import NewTopic

from ecomkafka.clients import reader
from ecomkafka.clients.admin import create_topics, delete, delete_topics, describe_topics
from ecomkafka.topics import TOPICS
from tests.waiting import PATIENCE
from tests.workers import REQUESTS, ask, read

DAY = 86_400_000
DESIGN = {
    "orders.events": (3, "delete", 7 * DAY, "snappy"),
    "inventory.requests": (3, "delete", DAY, "lz4"),
    "inventory.responses": (3, "delete", DAY, "lz4"),
    "inventory.events": (3, "delete", 7 * DAY, "snappy"),
    "notifications.requests": (3, "delete", 2 * DAY, "gzip"),
    "notifications.events": (3, "delete", 7 * DAY, "snappy"),
    "notifications.dlq": (1, "delete", 30 * DAY, "gzip"),
    "notifications.retry.1": (3, "delete", 2 * DAY, "gzip"),
    "notifications.retry.2": (3, "delete", 2 * DAY, "gzip"),
    "orders.sagas": (3, "compact", None, "lz4"),
    "inventory.stock": (3, "compact", None, "lz4"),
    "analytics.windows": (3, "compact", None, "lz4"),
    "quarantine": (1, "delete", 30 * DAY, "gzip"),
}


def test_topics_are_on_the_broker_as_the_design_says(cluster):
    found = {topic.name: topic for topic in describe_topics(cluster)}
    assert found.keys() == DESIGN.keys()
    for name, (partitions, policy, retention, compression) in DESIGN.items():
        topic = found[name]
        assert (topic.partitions, topic.replication) == (partitions, 1)
        assert topic.settings["cleanup.policy"] == policy
        assert topic.settings["compression.type"] == compression
        assert retention is None or topic.settings["retention.ms"] == str(retention)


def test_creating_again_creates_and_changes_nothing(cluster):
    ask(cluster, 3)
    assert create_topics(cluster) == []
    assert len(read(cluster, REQUESTS)) == 3


def test_only_what_is_missing_is_created(cluster):
    other = replace(cluster, namespace=f"{cluster.namespace}-other")
    with closing(other.admin()) as admin:
        admin.create_topics([NewTopic(other.name(REQUESTS), num_partitions=5, replication_factor=1)])
        admin.wait_for_topics([other.name(REQUESTS)])
    try:
        assert sorted(create_topics(other)) == sorted(TOPICS.keys() - {REQUESTS})
        assert {topic.partitions for topic in describe_topics(other) if topic.name == REQUESTS} == {5}
    finally:
        delete_topics(other)


def test_who_reads_a_topic_that_not_every_broker_knows_yet_waits_for_it(cluster, monkeypatch):
    monkeypatch.setattr(reader, "KNOWN_SECONDS", PATIENCE)
    other = replace(cluster, namespace=f"{cluster.namespace}-other")
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read, other, REQUESTS)
        create_topics(other)
        assert reading.result(PATIENCE) == []
    delete_topics(other)


def test_several_may_create_them_at_once(cluster):
    other = replace(cluster, namespace=f"{cluster.namespace}-other")
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(create_topics, [other] * 4))
        assert len(describe_topics(other)) == len(TOPICS)
    finally:
        delete_topics(other)


def test_namespaces_do_not_see_each_other(cluster):
    """One may be a prefix of the other: what is deleted in one stays in the other."""
    other = replace(cluster, namespace=f"{cluster.namespace}.orders")
    create_topics(other)
    ask(cluster, 3)
    ask(other, 5)
    assert len(read(cluster, REQUESTS)) == 3
    assert len(read(other, REQUESTS)) == 5
    delete_topics(other)
    assert describe_topics(other) == []
    assert len(read(cluster, REQUESTS)) == 3
    delete_topics(other)


def test_deleted_topics_are_in_no_list_as_soon_as_they_are_deleted(cluster):
    """The controller answers before the broker knows: without a wait one list of some fifty still had the topic."""
    listed = []
    with closing(cluster.admin()) as admin:
        for number in range(50):
            name = cluster.name(f"short-lived-{number}")
            admin.create_topics([NewTopic(name, num_partitions=4, replication_factor=1)])
            admin.wait_for_topics([name])
            delete(admin, [name])
            listed += [name for there in admin.list_topics() if there == name]
    assert listed == []
