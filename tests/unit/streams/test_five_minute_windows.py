"""What the windows take from an event: its day in UTC, its type, its money."""

import json
from datetime import UTC, datetime

from ecomkafka.streams import driver, start_java
from ecomkafka.streams.five_minute_windows import day_of, is_counted, topology

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def event(kind, at="2026-01-05T12:00:00Z", **more):
    return json.dumps({"type": kind, "at": at} | more)


def test_the_day_is_that_of_utc():
    start_java()
    assert str(day_of("A", event("ORDER_CREATED", "2026-01-06T00:30:00+01:00"))) == "2026-01-05"


def test_an_event_of_a_newer_version_is_passed_over():
    start_java()
    from java.time import Duration

    assert is_counted("A", event("ORDER_CREATED", total="1"))
    with driver(topology("orders", Duration.ofDays(1))) as test:
        test.pipe("orders", "A", event("ORDER_WRAPPED"), NOON)
