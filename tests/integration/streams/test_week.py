"""The engine's windows are the shop's, to the penny: on the shipped week, and after late and repeated events."""

import json
from datetime import timedelta

import pandas as pd
import pytest

from ecomkafka.streams import Engine, customers, start_java, visits
from ecomkafka.streams.five_minute_windows import STORE, figures, topology
from tests.integration.streams.week import EVENTS, RETAIL, events, send_again, shops_windows, sold

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


def named_orders():
    """Who ordered when; guests are no customers."""
    table = pd.DataFrame([(order.customer_id, order.at) for order in RETAIL.orders], columns=["customer", "at"])
    return table[table["customer"] != visits.GUEST].sort_values("at")


@pytest.mark.parametrize("gap", [timedelta(minutes=30), timedelta(hours=2)], ids=str)
def test_the_visits_of_a_week_are_those_of_pandas(shop, gap):
    start_java()
    from java.time import Duration

    plan = visits.topology(
        shop.cluster.name(EVENTS), Duration.ofMinutes(gap // timedelta(minutes=1)), Duration.ofDays(400)
    )
    with Engine(shop.cluster, f"visits-{gap.seconds}", plan) as engine:
        engine.settle()
        found = {visit: int(count) for visit, count in engine.store(visits.STORE).items()}

    table = named_orders()
    number = (table.groupby("customer")["at"].diff() > gap).groupby(table["customer"]).cumsum()
    each = table.groupby(["customer", number.rename("visit")])["at"].agg(["min", "max", "count"]).reset_index()
    rows = zip(each["customer"], each["min"].dt.to_pydatetime(), each["max"].dt.to_pydatetime(), strict=True)
    assert found == dict(zip(rows, each["count"], strict=True))


def test_the_different_customers_of_each_day_are_those_of_pandas(shop):
    start_java()
    with Engine(shop.cluster, "customers", customers.topology(shop.cluster.name(EVENTS))) as engine:
        engine.settle()
        found = {day: set(json.loads(names)) for day, names in engine.store(customers.STORE).items()}

    table = named_orders()
    by_day = table.groupby(table["at"].dt.strftime("%Y-%m-%d"))["customer"]
    assert found == by_day.agg(set).to_dict()
    assert len(set.union(*found.values())) == table["customer"].nunique() < by_day.nunique().sum()


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
