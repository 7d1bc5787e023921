"""Topologies without a broker: Python functions in Java's topology, and their errors."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ecomkafka.streams import driver, start_java

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def java():
    start_java()


def builder():
    from org.apache.kafka.streams import StreamsBuilder

    return StreamsBuilder()


def text(value):
    from java.lang import String

    return String(value)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def test_a_table_gives_the_newest_value_also_to_a_late_record():
    plan = builder()
    prices = plan.table("prices")
    plan.stream("orders").join(prices, lambda units, price: text(f"{units} at {price}")).to("billed")
    with driver(plan.build()) as test:
        for topic, value, minute in (("prices", "1", 0), ("orders", "a", 1), ("prices", "2", 5), ("orders", "b", 3)):
            test.pipe(topic, "BAG", value, at(minute))
        assert test.read("billed") == [("BAG", "a at 1", at(1)), ("BAG", "b at 2", at(3))]
        assert test.read("billed") == []


def test_a_left_join_says_what_never_came_when_the_window_is_over():
    from java.time import Duration
    from org.apache.kafka.streams.kstream import JoinWindows

    plan = builder()
    window = JoinWindows.ofTimeDifferenceAndGrace(Duration.ofMinutes(10), Duration.ofMinutes(1))
    orders, mails = plan.stream("confirmed"), plan.stream("mails")
    orders.leftJoin(mails, lambda order, mail: text(json.dumps([str(order), mail and str(mail)])), window).to("joined")
    with driver(plan.build()) as test:
        test.pipe("mails", "B", "mail", at(0))
        test.pipe("confirmed", "A", "order", at(1))
        test.pipe("confirmed", "B", "order", at(2))
        assert [(key, json.loads(value)) for key, value, _ in test.read("joined")] == [("B", ["order", "mail"])]
        test.pipe("confirmed", "C", "order", at(13))
        assert [(key, json.loads(value)) for key, value, _ in test.read("joined")] == [("A", ["order", None])]


def test_the_error_of_a_python_function_comes_back_as_it_was():
    def divide(value):
        raise ZeroDivisionError("my own")

    plan = builder()
    plan.stream("orders").mapValues(divide).to("never")
    with driver(plan.build()) as test, pytest.raises(ZeroDivisionError, match="my own"):
        test.pipe("orders", "A", "1", NOON)


def test_starting_java_again_changes_nothing():
    start_java()
