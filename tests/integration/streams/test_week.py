"""The engine's windows are the shop's, to the penny: on the shipped week, and after late and repeated events."""

import pytest

from ecomkafka.streams import Engine, start_java
from ecomkafka.streams.five_minute_windows import STORE, figures, topology
from tests.integration.streams.week import EVENTS, RETAIL, events, send_again, sold

EVERY = 7
"""Each seventh event is sent again."""


@pytest.fixture(scope="module")
def shop(broker):
    with sold(broker.bootstrap) as running:
        yield running


def engines_windows(shop, grace_days=400):
    start_java()
    from java.time import Duration

    with Engine(shop.cluster, "week", topology(shop.cluster.name(EVENTS), Duration.ofDays(grace_days))) as engine:
        engine.settle()
        return figures(engine.store(STORE))


def shops_windows(shop):
    table = shop.windows()
    table = table[table["created"] > 0]
    names = ["created", "confirmed", "cancelled", "revenue", "pending", "lost", "conversion"]
    return {start.to_pydatetime(): row for start, row in table[names].to_dict("index").items()}


def test_the_windows_of_a_week_are_equal_to_the_penny_and_stay_so_when_events_are_late_and_repeated(shop):
    expected = shops_windows(shop)
    assert len(expected) == 204
    assert sum(row["created"] for row in expected.values()) == len(RETAIL.orders)
    assert 0 < sum(row["cancelled"] for row in expected.values()) < 50
    assert engines_windows(shop) == expected

    again = events(shop)[::EVERY]
    send_again(shop, again)
    after = shops_windows(shop)
    assert after != expected
    assert engines_windows(shop) == after  # the second run goes on with the state of the first
