"""Two programs count a copy of the events; the one that counts next is killed, and no figure is lost or doubled."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

from ecomkafka.lessons.streams.copied_week import TOPIC, CopiedWeek, counted, figures, kill_one_at_work
from ecomkafka.lessons.streams.topic_reader import read_all
from ecomkafka.streams.instances import Instance, shared
from tests.waiting import PATIENCE

START = datetime(2011, 8, 9, 9, tzinfo=UTC)
EVENTS = 60


def send(cluster):
    """One event in each window, on three days."""
    with closing(cluster.producer()) as producer:
        for number in range(EVENTS):
            at = START + timedelta(days=number % 3, minutes=5 * number)
            event = {"type": "ORDER_CONFIRMED", "at": at.isoformat(), "total": "0.1"}
            producer.send(cluster.name(TOPIC), json.dumps(event).encode(), key=str(number).encode())
        producer.flush(timeout=PATIENCE)


def test_the_one_that_counts_next_is_killed_and_the_other_one_has_all_in_the_end(cluster):
    send(cluster)
    week = CopiedWeek(cluster)
    week.write(30)
    with Instance(week.cluster, "shared") as one, Instance(week.cluster, "shared") as two:
        shared([one, two], events=30)
        kill_one_at_work([one, two], week, 10)
        week.write(EVENTS)
        assert sorted(shared([one, two], EVENTS)) == [0, EVENTS]
        assert sorted(map(counted, [one, two])) == [0, EVENTS]
        rows = figures([one, two])
    assert len(rows) == EVENTS
    assert all(row["confirmed"] == 1 for row in rows.values())


def test_a_second_copy_has_nothing_of_the_first_one(cluster):
    send(cluster)
    CopiedWeek(cluster).write(30)
    second = CopiedWeek(cluster)
    second.write(10)
    assert len(list(read_all(second.cluster, TOPIC))) == 10
