"""Joins: the price at the order's time, co-partitioning, and two streams that wait for each other."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import pairs, texts
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_13.stage import (
    CONFIRMED,
    MAIL,
    TEN,
    arrivals,
    at,
    changes,
    clock,
    orders,
    prices,
    written,
)

# --- q1: the price at the order's time

NEWEST = "That price did not exist yet when the customer ordered. A replay has read all changes before the order."
LAST_READ = (
    "You took the change that was read last of those that fit. Changes can be read in any sequence: compare times."
)
EXACTLY = "A price is valid from its `at` on, and at that very moment too."
BEFORE = "Before the first change there is no price. That is None, and neither 0 nor the first price."


def price_at(changes: list[tuple[datetime, Decimal]], when: datetime) -> Decimal | None:
    """The price that was valid at `when`, or None; each change is (at, price), in any sequence."""
    known = [change for change in changes if change[0] <= when]
    return max(known)[1] if known else None


def examine_price(answer: Bounded, stage: Stage) -> None:
    told = changes()
    for minutes in (60, 180, 120, 300, 0, -5):
        when = at(minutes)
        found, right = answer(list(told), when), price_at(told, when)
        if found != right:
            expected = f"{right} at {clock(when)}"
            raise Wrong(_mispriced(found, told, when), expected, f"{found!r:.60}", "price.list")


def _mispriced(found: Any, told: Sequence[tuple[datetime, Decimal]], when: datetime) -> str:
    before = [price for since, price in told if since <= when]
    if not before:
        return BEFORE
    if any(since == when for since, _ in told):
        return EXACTLY
    return LAST_READ if found == before[-1] else NEWEST


q1 = Question("13.q1", examine_price, price_at, "six moments, and each got the price that was valid then.")

# --- q2: lines under the key of their product

OF_THE_ORDER = "That line is in another partition than its product's price: the instance that reads it has no price."
A_LINE_EACH = "A record has one key. So each line of the order becomes a record of its own, and no line is left out."
NO_TIME = "Without `at` the join can't know which price was valid, and without `quantity` not what the line costs."


def by_product(order: dict[str, Any]) -> list[tuple[str, str]]:
    """Key and value, both texts, of each line's record; the value is JSON with `at` and `quantity`."""
    return [
        (line["product_id"], json.dumps({"at": order["at"], "quantity": line["quantity"]})) for line in order["lines"]
    ]


def examine_by_product(answer: Bounded, stage: Stage) -> None:
    placed = orders()
    made = []
    for order in placed:
        found = pairs(answer(json.loads(json.dumps(order))), "a list of pairs of texts, key and value")
        lines = order["lines"]
        if len(found) != len(lines):
            raise Wrong(A_LINE_EACH, f"{len(lines)} records of {order['order_id']}", f"{len(found)}")
        for line, (key, value) in zip(lines, found, strict=True):
            told = _told(value)
            if told.get("at") != order["at"] or told.get("quantity") != line["quantity"]:
                expected = f"at {order['at']} and quantity {line['quantity']} for {line['product_id']}"
                raise Wrong(NO_TIME, expected, f"{value!r:.80}")
            made.append((key, json.dumps(told | {"of": line["product_id"]})))
    home = prices(stage)
    for record in written(stage, "lines", made):
        product = json.loads(record.value)["of"]
        if record.partition != home[product] or record.key.decode() != product:
            expected = f"partition {home[product]}, where the price of {product} is, under the key {product}"
            observed = f"partition {record.partition}, under the key {record.key.decode()}"
            raise Wrong(OF_THE_ORDER, expected, observed, f"lines:{record.partition}:{record.offset}")


def _told(value: str) -> dict[str, Any]:
    try:
        told = json.loads(value)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


q2 = Question("13.q2", examine_by_product, by_product, "every line is where its price is, and knows its order's time.")

# --- q3: both sides wait

ONE_WAITS = "A mail that is read before its confirmation was forgotten. Either of the two may come first: both wait."
NO_LIMIT = "The two are more than ten minutes apart: that mail answers something else, or came too late."
BACKWARDS = "The mail's time may lie before the confirmation's, by up to ten minutes: two machines, two clocks."


def joined(arrivals: list[tuple[str, str, datetime]]) -> list[str]:
    """The orders whose confirmation and mail are at most ten minutes apart; each arrival is (side, order, at)."""
    waiting: dict[tuple[str, str], datetime] = {}
    found = []
    for side, order, when in arrivals:
        other = waiting.get((MAIL if side == CONFIRMED else CONFIRMED, order))
        if other is not None and abs(when - other) <= TEN:
            found.append(order)
        waiting[side, order] = when
    return found


def examine_joined(answer: Bounded, stage: Stage) -> None:
    for seed in (1, 2):
        come = arrivals(seed)
        found = set(texts(answer(list(come)), "a list of order ids"))
        right = set(joined(come))
        if found != right:
            order = min(found ^ right)
            times = {side: when for side, name, when in come if name == order}
            told = ", ".join(f"{side} {clock(when)}" for side, when in times.items())
            expected = f"{order} {'is' if order in right else 'is not'} joined ({told}, as they are read)"
            raise Wrong(_misjoined(order in found, times), expected, "the opposite", order)


def _misjoined(is_there: bool, times: dict[str, datetime]) -> str:
    if is_there or MAIL not in times:
        return NO_LIMIT
    if next(iter(times)) == MAIL:
        return ONE_WAITS
    return BACKWARDS if times[MAIL] < times[CONFIRMED] else NO_LIMIT


q3 = Question("13.q3", examine_joined, joined, "whichever side came first, each pair within ten minutes was found.")
