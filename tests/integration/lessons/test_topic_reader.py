"""A topic read by hand: some records at a time, and no further than the end that it had."""

import pytest

from ecomkafka.lessons.streams.topic_reader import TopicReader, read_all
from tests.waiting import PATIENCE

TOPIC = "quarantine"


def send(cluster, *values):
    with cluster.producer() as producer:
        for value in values:
            producer.send(cluster.name(TOPIC), value=value, partition=0).get(timeout=PATIENCE)


@pytest.fixture
def three(cluster):
    send(cluster, b"1", b"2", b"3")
    return cluster


def test_it_takes_no_more_than_so_many_and_ends_at_the_end(three):
    with TopicReader(three, TOPIC) as reader:
        batches = []
        while not reader.is_at_end():
            batches.append([record.value for record in reader.take(2)])
        assert reader.take(2) == []
    assert [value for batch in batches for value in batch] == [b"1", b"2", b"3"]
    assert max(map(len, batches)) <= 2


def test_what_comes_later_does_not_move_its_end(three):
    with TopicReader(three, TOPIC) as reader:
        send(three, b"4")
        taken = []
        while not reader.is_at_end():
            taken += reader.take(1)
    assert [record.value for record in taken] == [b"1", b"2", b"3"]


def test_all_records_of_a_topic(three):
    assert [record.value for record in read_all(three, TOPIC)] == [b"1", b"2", b"3"]
