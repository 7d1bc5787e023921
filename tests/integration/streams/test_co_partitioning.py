"""The join of two topics with different numbers of partitions: what Kafka Streams says of it, and what it does not."""

from contextlib import closing

import pytest
from kafka.admin import NewTopic
from kafka.partitioner.default import murmur2

from ecomkafka.clients.reader import read
from ecomkafka.streams import Engine, start_java
from ecomkafka.streams.texts import stored, text
from tests.waiting import PATIENCE, eventually

LEFT, RIGHT, JOINED = "left", "right", "joined"
PARTITIONS = {LEFT: 3, RIGHT: 2, JOINED: 3}
KEYS = 60


@pytest.fixture
def topics(cluster):
    """Each key is in both topics, in the right one first."""
    with closing(cluster.admin()) as admin:
        admin.create_topics([NewTopic(cluster.name(name), count, -1) for name, count in PARTITIONS.items()])
        admin.wait_for_topics([cluster.name(name) for name in PARTITIONS])
    with closing(cluster.producer()) as producer:
        for topic in (RIGHT, LEFT):
            for key in range(KEYS):
                producer.send(cluster.name(topic), topic.encode(), key=str(key).encode())
            producer.flush(timeout=PATIENCE)
    return cluster


def join(cluster, builder, stream):
    stream.join(builder.table(cluster.name(RIGHT)), lambda one, other: text(f"{one}, {other}")).to(cluster.name(JOINED))
    return builder.build()


def met():
    """How many keys are by chance in partitions of the same number."""
    numbers = [murmur2(str(key).encode()) & 0x7FFFFFFF for key in range(KEYS)]
    return sum(number % PARTITIONS[LEFT] == number % PARTITIONS[RIGHT] for number in numbers)


def test_a_join_of_topics_that_do_not_match_loses_rows_and_nothing_is_said(topics):
    start_java()
    from org.apache.kafka.streams import StreamsBuilder

    builder = StreamsBuilder()
    with Engine(topics, "silent", join(topics, builder, builder.stream(topics.name(LEFT)))) as engine:
        engine.settle()
        assert engine.state == "RUNNING"
    assert 0 < met() < KEYS
    assert eventually(lambda: len(read(topics, JOINED)) == met())


def test_they_are_refused_where_the_topology_has_a_repartition_topic(topics):
    start_java()
    from org.apache.kafka.streams import StreamsBuilder

    builder = StreamsBuilder()
    left = builder.stream(topics.name(LEFT))
    left.groupBy(lambda key, _value: key).aggregate(lambda: text(""), lambda _key, value, _sum: value, stored("other"))
    plan = join(topics, builder, left)
    with Engine(topics, "refused", plan) as engine, pytest.raises(Exception, match="Topics not co-partitioned"):
        engine.settle()


def test_a_side_that_is_written_once_more_gets_the_other_ones_partitions(topics):
    start_java()
    from org.apache.kafka.streams import StreamsBuilder

    builder = StreamsBuilder()
    with Engine(topics, "right", join(topics, builder, builder.stream(topics.name(LEFT)).repartition())) as engine:
        engine.settle()
    assert eventually(lambda: len(read(topics, JOINED)) == KEYS)
