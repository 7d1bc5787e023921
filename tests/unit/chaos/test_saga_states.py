"""In which state of a saga a fault met an order, told by plain records; and the table of what was met."""

import random

from ecomkafka.chaos.saga_states import Met, SagaStates, met_table, not_met
from ecomkafka.messages import (
    InsufficientStock,
    NotificationSent,
    OrderCancelled,
    OrderConfirmed,
    Reason,
    Released,
    Reserved,
    StockDeducted,
    replace,
)
from tests.unit.domain import test_order_view

ONE, TWO = "WH-NORTH", "WH-SOUTH"
CREATED = replace(test_order_view.CREATED, warehouses=(ONE, TWO))
WHO = {"order_id": CREATED.order_id, "at": CREATED.at}
LEVELS = {"version": 1, "levels": (), "on_hand": 0, "reserved": 0}


def states_after(*messages):
    states, seen = SagaStates(), []
    for message in messages:
        states.note(message)
        seen.append("".join(states.count()) or "done")
    return seen


RESERVED = [Reserved(**WHO, warehouse_id=name) for name in (ONE, TWO)]
DEDUCTED = [StockDeducted(**WHO, warehouse_id=name, **LEVELS) for name in (ONE, TWO)]
SENT = NotificationSent(**WHO, notification_id="n", attempt=1)
GOOD = [CREATED, *RESERVED, OrderConfirmed(**WHO, total=CREATED.total), *DEDUCTED, SENT]


def test_a_good_order_reserves_is_charged_confirmed_and_told():
    assert states_after(*GOOD) == [
        "reserving", "reserving", "charging", "confirming", "confirming", "telling", "done",
    ]  # fmt: skip


def test_a_cancelled_order_compensates_until_all_have_answered_and_let_go():
    cancelled = OrderCancelled(**WHO, total=CREATED.total, reason=Reason.INSUFFICIENT_STOCK)
    refused = InsufficientStock(**WHO, warehouse_id=ONE, shortages=())
    released = Released(**WHO, warehouse_id=TWO)
    assert states_after(CREATED, refused, cancelled, RESERVED[1], SENT, released) == [
        "reserving", "reserving", "compensating", "compensating", "compensating", "done",
    ]  # fmt: skip


def test_whatever_topic_is_read_first_it_ends_done_and_a_late_copy_opens_nothing():
    for seed in range(50):
        mixed = random.Random(seed).sample(GOOD, len(GOOD))
        assert states_after(*mixed, *GOOD)[len(GOOD) - 1 :] == ["done"] * (len(GOOD) + 1)


def test_orders_are_counted_by_their_state():
    states = SagaStates()
    for number in range(3):
        states.note(replace(CREATED, order_id=f"O-{number}"))
    for reserved in RESERVED:
        states.note(replace(reserved, order_id="O-1"))
    states.note(None)  # poison
    assert states.count() == {"reserving": 2, "charging": 1}


def test_the_table_counts_by_fault_what_its_strikes_met_and_says_what_none_did():
    table = met_table([
        Met("zombie", {}, ["before_poll"]),
        Met("kill", {"reserving": 2}, ["after_poll"]),
        Met("kill", {"reserving": 1, "charging": 1}, ["during_commit"]),
    ])  # fmt: skip
    assert list(table.index) == ["kill", "zombie"]
    kill = {name: count for name, count in table.loc["kill"].items() if count}
    assert kill == {"strikes": 2, "reserving": 3, "charging": 1, "after_poll": 1, "during_commit": 1}
    missed = not_met(table)
    assert {"confirming", "compensating", "telling", "after_commit"} <= set(missed)
    assert not {"reserving", "charging", "after_poll", "during_commit", "before_poll"} & set(missed)


def test_a_run_without_a_strike_has_met_nothing():
    assert len(not_met(met_table([]))) == len(met_table([]).columns) - 1
