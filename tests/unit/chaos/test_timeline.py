"""What a chaos run's timeline says: when orders flowed again, what was under way in each second."""

import math

import pytest

from ecomkafka.chaos.plan import Step, make_plan
from ecomkafka.chaos.timeline import FLOWING, InjectedFault, Seen, Timeline, recoveries


def injected(at, healed, fault="kill", target="order-0"):
    return InjectedFault(Step(at, fault, target, healed - at), at, healed)


def order(order_id, partition, created, ended):
    return [Seen(created, partition, order_id, "created"), Seen(ended, partition, order_id, "confirmed")]


def events(*orders):
    return sorted(event for events in orders for event in events)


def orders(created, *ended):
    """Ten orders: all created at one time, each with its end, the rest ends with the first."""
    ends = [*ended, *[ended[0]] * (FLOWING - len(ended))]
    return events(*(order(f"O-{created}-{n}", n % 3, created, end) for n, end in enumerate(ends)))


def test_orders_flow_again_when_all_of_the_next_have_ended():
    assert recoveries([injected(5.0, 10.0)], orders(11.0, 12.0, 13.0, 14.5)) == [4.5]


def test_orders_of_before_that_end_after_it_are_no_flow():
    assert recoveries([injected(5.0, 10.0)], orders(9.0, 11.0)) == [None]


def test_an_order_that_is_sent_twice_is_placed_once():
    again = [event._replace(at=11.0) for event in orders(9.0, 10.5) if event.kind == "created"]
    assert recoveries([injected(5.0, 10.0)], events(orders(9.0, 10.5), again)) == [None]


def test_one_order_that_does_not_end_is_no_flow():
    seen = orders(11.0, 12.0)
    last = seen.pop()
    assert recoveries([injected(5.0, 10.0)], seen) == [None]
    assert recoveries([injected(5.0, 10.0)], [*seen, last._replace(at=30.0)]) == [20.0]


def test_while_another_fault_stops_orders_the_count_rests_and_then_goes_on():
    first, second = injected(5.0, 10.0), injected(12.0, 15.0, "network-down")
    assert recoveries([first, second], [*orders(11.0, 17.0), *orders(16.0, 18.0)]) == [4.0, 3.0]


def test_a_fault_that_did_not_succeed_is_no_excuse():
    first, second = injected(5.0, 10.0), injected(12.0, 15.0, "network-down")._replace(note="did not succeed")
    assert recoveries([first, second], [*orders(11.0, 17.0), *orders(16.0, 18.0)])[0] == 7.0


@pytest.mark.parametrize("seed", range(1, 6))
def test_five_minutes_without_an_order_are_seen_in_a_run_with_all_faults(seed):
    plan = [InjectedFault(step, step.at, step.at + step.lasts) for step in make_plan(600.0, seed, 3)]
    ends = {n: n + 0.3 if not 150 < n < 450 else 450.5 for n in range(640)}
    told = recoveries(plan, events(*(order(f"O-{n}", n % 3, float(n), end) for n, end in ends.items())))
    before = [after for fault, after in zip(plan, told, strict=True) if fault.over < 130]
    during = [after for fault, after in zip(plan, told, strict=True) if 150 < fault.over < 400]
    assert max(before) <= FLOWING + 0.3
    assert max(during) > 150.0
    assert sum(after > 15.0 for after in during) > 0.9 * len(during)


def test_the_time_of_a_fault_under_way_does_not_count():
    first, second = injected(5.0, 10.0), injected(12.0, 26.0, "zombie")
    assert recoveries([first, second], orders(11.0, 24.0))[0] == 2.0


def test_a_cluster_that_loses_a_leader_goes_on_before_it_is_back():
    assert recoveries([injected(10.0, 40.0, "leader-kill")], orders(11.0, 14.0)) == [4.0]
    assert recoveries([injected(10.0, 40.0, "broker-kill")], orders(11.0, 14.0)) == [None]


def test_a_fault_that_may_not_stop_orders_is_no_excuse():
    others = [injected(11.0, 18.0, "mail-down"), injected(11.0, 18.0, "sql-away"), injected(12.0, 13.0, "poison")]
    assert recoveries([injected(5.0, 10.0), *others], orders(16.0, 18.0))[0] == 8.0


@pytest.fixture
def timeline():
    timeline = Timeline()
    timeline.injected = [injected(2.2, 4.1), injected(3.0, 3.0, "poison", "orders.events")]
    timeline.accepted = [(0.1, "A"), (0.9, "B"), (4.5, "C")]
    timeline.seen = orders(4.5, 5.0, 5.2)
    timeline.seen.append(Seen(6.9, 0, "D", "cancelled"))
    timeline.lag = [(1.0, 5), (6.2, 0)]
    return timeline


def test_a_row_tells_a_second(timeline):
    table = timeline.frame()
    assert list(table["accepted"]) == [2, 0, 0, 0, 1, 0, 0]
    assert list(table["confirmed"]) == [0, 0, 0, 0, 0, FLOWING, 0]
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
