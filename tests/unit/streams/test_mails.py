"""Confirmed orders and their mails: equal to pandas for any times, and whichever side is read first."""

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomkafka.streams import driver, start_java
from ecomkafka.streams.mails import topology

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
TEN = 10
HOURS = 180
"""Minutes from the first to the last record, at most."""

TIMES = st.dictionaries(st.sampled_from("ABCDEF"), st.integers(0, HOURS), max_size=6)
"""Minutes after noon, by order."""

END = 10_000


def at(minute):
    return NOON + timedelta(minutes=minute)


def record(side, order, minute):
    if side == "orders":
        return side, order, json.dumps({"type": "ORDER_CONFIRMED"}), at(minute)
    return side, order, json.dumps({"type": "NOTIFICATION_SENT", "notification_id": f"mail-{order}"}), at(minute)


def by_pandas(confirmed, mails):
    """Each confirmed order with its mail, None if it has none within ten minutes."""
    left = pd.DataFrame(confirmed.items(), columns=["order", "confirmed"])
    right = pd.DataFrame(mails.items(), columns=["order", "sent"])
    both = left.merge(right, on="order", how="left")
    near = (both["sent"] - both["confirmed"]).abs() <= TEN
    return {order: f"mail-{order}" if found else None for order, found in zip(both["order"], near, strict=True)}


def by_engine(records):
    """All rows in their sequence: order and mail."""
    start_java()
    from java.time import Duration

    plan = topology("orders", "mails", "answered", Duration.ofMinutes(TEN), Duration.ofDays(1))
    with driver(plan) as test:
        for one in records:
            test.pipe(*one)
        for minute in (END, END + 1):  # stream time goes on, so what never came is said
            test.pipe(*record("orders", "last", minute))
        rows = [(key, json.loads(value)) for key, value, _ in test.read("answered")]
    return [(order, mail) for order, mail in rows if order != "last"]


@settings(max_examples=15)
@given(TIMES, TIMES, st.randoms(use_true_random=False))
def test_the_last_row_of_each_order_is_what_pandas_says_in_any_sequence(confirmed, mails, random):
    records = [record("orders", *one) for one in confirmed.items()] + [record("mails", *one) for one in mails.items()]
    random.shuffle(records)
    assert dict(by_engine(records)) == by_pandas(confirmed, mails)


def test_what_never_came_of_an_order_that_is_read_late_is_said_too_early():
    late = [record("orders", "B", 30), record("orders", "A", 5), record("mails", "A", 6)]
    assert by_engine(late) == [("A", None), ("A", "mail-A"), ("B", None)]


def test_other_types_are_passed_over():
    others = [("orders", "A", json.dumps({"type": "ORDER_CREATED"}), at(0))]
    others += [("mails", "A", json.dumps({"type": "NOTIFICATION_FAILED"}), at(1))]
    assert by_engine([*others, record("orders", "A", 2)]) == [("A", None)]
