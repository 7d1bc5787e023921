"""What a chaos run's timeline says: when orders flowed again, what was under way in each second."""

import math

import pytest

from ecomkafka.lab.schedule import Step
from ecomkafka.lab.timeline import Seen, Struck, Timeline, recovery


def struck(at, healed, fault="kill", target="order-0"):
    return Struck(Step(at, fault, target, healed - at), at, healed)


def order(order_id, partition, created, ended):
    return [Seen(created, partition, order_id, "created"), Seen(ended, partition, order_id, "confirmed")]


def events(*orders):
    return sorted(event for events in orders for event in events)


def test_orders_flow_again_when_one_placed_after_the_fault_has_ended_in_each_partition():
    seen = events(order("A", 0, 11.0, 12.0), order("B", 1, 11.0, 13.0), order("C", 2, 11.5, 14.5))
    fault = struck(5.0, 10.0)
    assert recovery(fault, [fault], seen) == 4.5


def test_an_order_of_before_that_ends_after_it_is_no_flow():
    seen = events(order("OLD", 0, 9.0, 11.0), order("B", 1, 11.0, 12.0), order("C", 2, 11.0, 12.0))
    fault = struck(5.0, 10.0)
    assert recovery(fault, [fault], seen) is None


def test_a_partition_that_stands_still_is_no_flow():
    seen = events(order("A", 0, 11.0, 12.0), order("B", 1, 11.0, 12.0))
    fault = struck(5.0, 10.0)
    assert recovery(fault, [fault], seen) is None


def test_the_time_of_other_faults_that_stop_orders_is_taken_off_once():
    fault = struck(5.0, 10.0)
    others = [struck(12.0, 15.0, "network-down"), struck(14.0, 16.0, "payment-away"), struck(1.0, 2.0)]
    seen = events(*(order(f"O-{p}", p, 16.0, 18.0) for p in range(3)))
    assert recovery(fault, [fault, *others], seen) == pytest.approx(8.0 - 4.0)


def test_the_time_of_faults_that_may_not_stop_orders_counts():
    fault = struck(5.0, 10.0)
    others = [struck(11.0, 18.0, "mail-down"), struck(11.0, 18.0, "sql-away"), struck(12.0, 13.0, "poison")]
    seen = events(*(order(f"O-{p}", p, 16.0, 18.0) for p in range(3)))
    assert recovery(fault, [fault, *others], seen) == 8.0


@pytest.fixture
def timeline():
    timeline = Timeline()
    timeline.struck = [struck(2.2, 4.1), struck(3.0, 3.0, "poison", "orders.events")]
    timeline.accepted = [(0.1, "A"), (0.9, "B"), (4.5, "C")]
    timeline.seen = events(*(order(f"O-{p}", p, 4.5, 5.0 + p / 10) for p in range(3)))
    timeline.seen.append(Seen(6.9, 0, "D", "cancelled"))
    timeline.lag = [(1.0, 5), (6.2, 0)]
    return timeline


def test_a_row_tells_a_second(timeline):
    table = timeline.frame()
    assert list(table["accepted"]) == [2, 0, 0, 0, 1, 0, 0]
    assert list(table["confirmed"]) == [0, 0, 0, 0, 0, 3, 0]
    assert list(table["cancelled"]) == [0, 0, 0, 0, 0, 0, 1]
    assert table["lag"].dropna().to_dict() == {1: 5.0, 6: 0.0}
    assert list(table["faults"][2:5]) == ["kill order-0", "kill order-0, poison orders.events", "kill order-0"]


def test_each_fault_is_told_with_its_recovery(timeline):
    kill, poison = timeline.faults().to_dict("records")
    assert (kill["fault"], kill["lasted"], kill["recovered after"]) == ("kill", 1.9, 1.1)
    assert (poison["fault"], poison["recovered after"]) == ("poison", 1.1)


def test_a_run_in_which_nothing_happened_is_told_too():
    assert len(Timeline().frame()) == 1
    assert Timeline().faults().empty


def test_no_recovery_is_no_number(timeline):
    timeline.seen.clear()
    assert all(math.isnan(after) for after in timeline.faults()["recovered after"])


def test_the_picture_is_a_png(timeline):
    assert timeline.png().startswith(b"\x89PNG")
