"""Reading by hand: one record per poll, and no further than the end."""

from contextlib import closing

import pytest
from kafka import TopicPartition

from ecomkafka.lessons.reading import to_end
from tests.waiting import PATIENCE


@pytest.fixture
def place(cluster):
    place = TopicPartition(cluster.name("quarantine"), 0)
    with cluster.producer() as producer:
        for value in (b"1", b"2", b"3"):
            producer.send(place.topic, value=value, partition=0).get(timeout=PATIENCE)
    return place


def test_it_ends_at_the_end_and_a_commit_is_that_of_the_record_in_hand(cluster, place):
    with closing(cluster.consumer("by-hand")) as consumer:
        consumer.assign([place])
        values = []
        for record in to_end(consumer):
            values.append(record.value)
            consumer.commit()
            assert consumer.committed(place) == record.offset + 1
    assert values == [b"1", b"2", b"3"]


def test_what_never_comes_is_not_waited_for_without_a_limit(cluster, place):
    with closing(cluster.consumer()) as consumer:
        consumer.assign([place])
        consumer.pause(place)
        with pytest.raises(TimeoutError, match="quarantine:0: the end was not reached in 0 s"):
            list(to_end(consumer, timeout=0.2))
