"""The plan of a chaos run: made from its seed alone, complete, and over in time."""

from itertools import pairwise

import pytest

from ecomkafka.chaos.injection import INJECTIONS
from ecomkafka.chaos.plan import FIRST_AT, GATEWAY, INSIDE, NODES, OUTSIDE, SERVICES, TOPICS, make_plan
from ecomkafka.chaos.result import RECOVERY_SECONDS

ALL = {fault.name: fault for fault in (*INSIDE, *OUTSIDE)}
TARGETS = {name: {t for f in (*INSIDE, *OUTSIDE) if f.name == name for t in f.targets} for name in ALL}
LONG = 600.0


@pytest.mark.parametrize("brokers", [1, 3])
def test_a_seed_gives_the_same_plan_again_and_another_seed_another_one(brokers):
    assert make_plan(LONG, 7, brokers) == make_plan(LONG, 7, brokers)
    assert make_plan(LONG, 7, brokers) != make_plan(LONG, 8, brokers)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("seconds", [10.0, 60.0, LONG])
def test_all_is_well_at_first_and_again_when_the_time_is_up(seed, seconds):
    plan = make_plan(seconds, seed)
    assert min(step.at for step in plan) >= FIRST_AT
    assert max(step.at + step.lasts for step in plan) <= seconds
    assert [step.at for step in plan] == sorted(step.at for step in plan)


@pytest.mark.parametrize(("brokers", "left_out"), [(1, {"leader-kill", "majority-kill"}), (3, set())])
def test_ten_minutes_hold_every_fault(brokers, left_out):
    for seed in range(5):
        plan = make_plan(LONG, seed, brokers)
        assert {step.fault for step in plan} == ALL.keys() - left_out
        assert {step.target for step in plan if step.fault == "leader-kill"} == set(TOPICS if brokers == 3 else ())


@pytest.mark.parametrize("seed", range(20))
def test_strikes_at_processes_brokers_and_network_come_one_by_one_with_time_to_recover(seed):
    inside = [step for step in make_plan(LONG, seed, 3) if step.fault in {fault.name for fault in INSIDE}]
    assert all(before.at + before.lasts + 3.9 <= after.at for before, after in pairwise(inside))


@pytest.mark.parametrize("brokers", [1, 3])
@pytest.mark.parametrize("seed", range(20))
def test_in_ten_minutes_each_of_them_once_leaves_the_time_to_see_a_recovery_that_takes_too_long(seed, brokers):
    kinds = {(fault.name, fault.targets if fault.brokers > 1 else "") for fault in INSIDE if fault.brokers <= brokers}
    inside = [step for step in make_plan(LONG, seed, brokers) if step.fault in {name for name, _ in kinds}]
    alone = [step for step, after in pairwise(inside) if after.at - step.at - step.lasts > RECOVERY_SECONDS]
    assert {step.fault for step in alone} == {name for name, _ in kinds}
    assert len(alone) >= len(kinds)
    assert len(inside) > len(kinds)


def test_a_short_run_has_no_time_for_long_pauses_and_many_faults():
    inside = [step for step in make_plan(60.0, 8) if step.fault in {fault.name for fault in INSIDE}]
    assert len(inside) >= 5


def test_no_fault_comes_twice_before_every_other_had_its_turn():
    names = [fault.name for fault in INSIDE]
    inside = [step.fault for step in make_plan(LONG, 1, 3) if step.fault in names]
    assert sorted(inside[: len(INSIDE)]) == sorted(names)


def test_a_fault_lasts_as_long_as_its_kind_may_and_strikes_what_it_can():
    for step in make_plan(LONG, 3, 3):
        fault = ALL[step.fault]
        assert fault.seconds[0] <= step.lasts <= fault.seconds[1]
        assert step.target in TARGETS[step.fault]


def test_in_a_cluster_of_one_no_second_node_is_struck():
    assert {step.target for step in make_plan(LONG, 1, 1)} & set(NODES) == {"node-1"}
    assert {step.target for step in make_plan(LONG, 1, 3)} & set(NODES) == set(NODES)


def test_every_service_and_every_topic_is_struck_in_the_end():
    targets = {step.target for seed in range(5) for step in make_plan(LONG, seed, 3)}
    assert targets >= {*SERVICES, *TOPICS}


def test_only_where_customers_order_at_the_gateway_it_is_struck():
    at_the_gateway = {step.fault for step in make_plan(LONG, 1, 3, gateway=True) if step.target == GATEWAY}
    assert at_the_gateway == {"kill", "restart", "zombie"}
    assert GATEWAY not in {step.target for step in make_plan(LONG, 1, 3)}


def test_every_fault_can_be_done():
    assert INJECTIONS.keys() == ALL.keys()
