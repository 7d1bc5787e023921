"""The price at the order's time: equal to pandas' merge_asof, whatever a text would sort as."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomkafka.streams import driver, start_java
from ecomkafka.streams.list_prices import at_its_time, remember, topology

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HALVES = st.integers(0, 20)


def text_at(halves):
    """A time in half seconds after noon, as the shop's messages have it: a fraction only where there is one."""
    return (NOON + timedelta(seconds=halves / 2)).isoformat().replace("+00:00", "Z")


@given(st.dictionaries(HALVES, st.integers(1, 99), max_size=5), HALVES, st.integers(1, 9))
def test_the_price_is_the_newest_that_is_not_later_than_the_order(changes, placed, quantity):
    start_java()
    history = "[]"
    for halves, pence in changes.items():
        history = str(remember("BAG", json.dumps({"at": text_at(halves), "price": str(Decimal(pence) / 100)}), history))
    cost = at_its_time(json.dumps({"at": text_at(placed), "quantity": quantity}), history)

    order = pd.DataFrame({"at": [placed], "quantity": [quantity]})
    prices = pd.DataFrame(sorted(changes.items()), columns=["at", "pence"], dtype="int64")
    pence = pd.merge_asof(order, prices, on="at")["pence"].fillna(0).item()
    assert Decimal(str(cost)) == quantity * Decimal(int(pence)) / 100


def order(at):
    line = {"product_id": "BAG", "quantity": 2, "price": "9"}
    return json.dumps({"type": "ORDER_CREATED", "at": text_at(at), "lines": [line]})


def price(at, amount):
    return json.dumps({"at": text_at(at), "price": amount})


@pytest.mark.parametrize("late", [False, True])
def test_an_order_that_comes_late_has_the_price_of_its_time(late):
    start_java()
    plan = topology("orders", "prices")
    steps = [("prices", "BAG", price(0, "1")), ("orders", "A", order(1)), ("prices", "BAG", price(2, "5"))]
    if late:
        steps[1:] = reversed(steps[1:])
    with driver(plan) as test:
        for step in steps:
            test.pipe(*step, NOON)
        assert str(test.store("revenue")["BAG"]) == "2"
