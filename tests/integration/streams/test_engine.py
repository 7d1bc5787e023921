"""A Kafka Streams program on the real broker, in this process and in two others."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ecomkafka.streams import Engine, start_java
from ecomkafka.streams.five_minute_windows import STORE, TOPIC, figures, topology
from ecomkafka.streams.instances import Instance, shared
from tests.waiting import PATIENCE

START = datetime(2011, 8, 9, 9, tzinfo=UTC)
WINDOWS = 40
EVENTS = 2 * WINDOWS
YEARS = 400


def send(cluster, count=WINDOWS):
    """For each window and each of three days an order of 0.1 and its confirmation, which is read later."""
    with closing(cluster.producer()) as producer:
        for kind in ("ORDER_CREATED", "ORDER_CONFIRMED"):
            for number in range(count):
                at = START + timedelta(days=number % 3, minutes=5 * (number // 3))
                event = {"type": kind, "at": at.isoformat(), "total": "0.1"}
                producer.send(cluster.name(TOPIC), json.dumps(event).encode(), key=str(number).encode())
        producer.flush(timeout=PATIENCE)


def windows(cluster, grace_days):
    start_java()
    from java.time import Duration

    return topology(cluster.name(TOPIC), Duration.ofDays(grace_days))


def test_windows_of_old_event_times_are_exact(cluster):
    send(cluster)
    with Engine(cluster, "windows", windows(cluster, YEARS)) as engine:
        engine.settle()
        found = figures(engine.store(STORE))
        tasks = [task.split("_") for task in engine.tasks()]
        with pytest.raises(KeyError, match="no-such-store"):
            engine.store("no-such-store")
    assert (engine.state, engine.tasks()) == ("CREATED", [])
    partitions = {number for _, number in tasks}
    assert tasks == [[part, number] for part in "01" for number in sorted(partitions)], "one per part and partition"
    assert len(found) == WINDOWS
    row = {"created": 1, "confirmed": 1, "cancelled": 0, "conversion": 1.0}
    assert all(got == row | {"revenue": Decimal("0.1"), "pending": 0, "lost": 0} for got in found.values())


def test_the_error_of_a_python_function_comes_back_as_it_was(cluster):
    start_java()
    from org.apache.kafka.streams import StreamsBuilder

    def divide(value):
        raise ZeroDivisionError("my own")

    send(cluster, 1)
    plan = StreamsBuilder()
    plan.stream(cluster.name(TOPIC)).mapValues(divide).to(cluster.name("never"))
    with Engine(cluster, "broken", plan.build()) as engine, pytest.raises(ZeroDivisionError, match="my own"):
        engine.settle()


def test_two_processes_share_the_windows_and_one_takes_over_the_work_of_the_other(cluster):
    send(cluster)
    with Instance(cluster, "shared") as one, Instance(cluster, "shared") as two:
        assert sum(shared([one, two], EVENTS)) == WINDOWS
        one.kill()
        assert shared([one, two], EVENTS) == [0, WINDOWS]
        assert all(sums["ORDER_CONFIRMED"] == [1, "0.1"] for sums in two.windows().values())
