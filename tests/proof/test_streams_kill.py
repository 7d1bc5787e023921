"""Kafka Streams as two processes, one killed with -9 in the middle of its work: every figure is as if nothing had been.

The orders of the shipped week are sold in each of 26 weeks, so that there is a middle. The shop's own `Window` says
what is right.
"""

import pytest

from benchmarks.weeks import events, expected, of_instances, send
from ecomkafka.clients.reader import read
from ecomkafka.streams.instances import Instance, shared
from tests.waiting import PATIENCE, eventually

WEEKS = 26
NAME = "half-a-year"
CHANGELOG = f"{NAME}-windows-changelog"
DAY = len("2011-08-08")


def committed(cluster):
    """All windows in the changelog, each as its partition and its key; a key begins with the day."""
    return {(record.partition, record.key) for record in read(cluster, CHANGELOG)}


def days_of(windows):
    return {start[:DAY].encode() for start in windows}


def partitions_of(windows, days):
    return {partition for partition, key in windows if key[:DAY] in days}


def written(windows, partitions):
    """How many windows of these partitions there are."""
    return sum(partition in partitions for partition, _ in windows)


@pytest.mark.timeout(360)
def test_one_of_two_processes_is_killed_in_the_middle_of_its_work_and_all_figures_are_equal(cluster):
    sent = list(events(WEEKS))
    right = expected(sent)
    send(cluster, sent[:100])
    with Instance(cluster, NAME) as one, Instance(cluster, NAME) as two:
        eventually(lambda: one.windows() and two.windows(), "both hold a part")
        eventually(lambda: partitions_of(committed(cluster), days_of(one.windows())), "the first has committed windows")
        few = one.windows()
        send(cluster, sent[100:])
        held = eventually(lambda: len(now := one.windows()) > len(few) and now, "the first is at work")
        one.kill()
        left = committed(cluster)

        assert sum(shared([one, two], len(sent), 2 * PATIENCE)) == len(right)
        assert of_instances([one, two]) == right

    after = committed(cluster)
    of_the_first = partitions_of(after, days_of(held))
    assert 0 < written(left, of_the_first) < written(after, of_the_first), "it was not in the middle of its work"
