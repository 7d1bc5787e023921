"""The checker: the shop's saga holds in every interleaving, and whatever is broken is found by a shortest way."""

from itertools import count
from typing import Any

import pytest

from ecomkafka.domain.saga import DeadlinePassed, Saga, step
from ecomkafka.lessons.sagas.as_rules import Known, leaky, naive
from ecomkafka.messages import Release, Released, replace
from ecomkafka.model_checking import SAGA_PROPERTIES, Bounds, Model, check
from ecomkafka.model_checking.cycles import cycle_in
from ecomkafka.model_checking.places import AT
from ecomkafka.model_checking.properties import every_order_ends, nobody_holds_stock_at_the_end
from ecomkafka.model_checking.search import Search
from ecomkafka.model_checking.trace import follow


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(warehouses=1, losses=1, rollback=False),
        Bounds(warehouses=1, own_duplicates=1, crashes=0),
        Bounds(warehouses=2, duplicates=0),
    ],
    ids=["one, calls lost", "one, ORDER_CREATED twice", "two, a crash"],
)
def test_the_shops_saga_holds_in_every_interleaving(bounds: Bounds) -> None:
    result = check(bounds=bounds, properties=SAGA_PROPERTIES)
    assert result.holds, str(result)
    assert result.alike


def test_it_holds_in_three_warehouses_with_a_duplicate_each_and_the_deadline() -> None:
    """All of them: with a change of the saga that makes other worlds lesson 06 is run again."""
    result = check(bounds=Bounds(warehouses=3, crashes=0, rollback=False), properties=SAGA_PROPERTIES)
    assert str(result) == "all holds in 70,634 worlds, 397,836 moves, at most 24 in a row"


def test_each_end_is_met_by_a_shortest_way() -> None:
    met = check(bounds=Bounds(warehouses=1), properties=SAGA_PROPERTIES).examples
    lengths = {end: len(trace.moves) for end, trace in met.items() if trace}
    assert lengths == {
        "CONFIRMED": 5,
        "CANCELLED INSUFFICIENT_STOCK": 3,
        "CANCELLED PAYMENT_DECLINED": 5,
        "CANCELLED ROLLED_BACK": 2,
        "CANCELLED CUSTOMER_REQUEST": 2,
        "CANCELLED TIMEOUT": 2,
    }


def test_the_naive_saga_loses_an_answer_that_is_faster_than_its_order() -> None:
    found = check(naive, None, Bounds(warehouses=1), [every_order_ends]).counterexample
    assert found
    assert [str(move) for move in found.trace.moves] == [
        "deliver RESERVE WH-BERLIN",
        "deliver RESERVED WH-BERLIN",
        "deliver ORDER_CREATED",
    ]


def test_the_naive_saga_confirms_what_is_not_paid() -> None:
    found = check(naive, None).counterexample
    assert found
    assert (found.broken, len(found.trace.moves)) == ("a_confirmed_order_is_paid_and_held", 5)


def test_the_leaky_saga_leaves_the_second_warehouse_holding() -> None:
    """It needs two warehouses. It does not treat them alike, and so they are not taken for one another."""
    result = check(leaky, Known(), Bounds(warehouses=2))
    assert result.counterexample
    assert not result.alike
    assert result.counterexample.broken == "nobody_holds_stock_at_the_end"
    assert len(result.counterexample.trace.moves) == 7
    assert check(leaky, Known(), Bounds(warehouses=1)).counterexample is None


def test_a_search_that_never_met_an_end_does_not_hold() -> None:
    result = check(naive, None, Bounds(warehouses=1), [nobody_holds_stock_at_the_end])
    assert (result.counterexample, result.exhausted, result.holds) == (None, True, False)
    assert "never met: CANCELLED PAYMENT_DECLINED" in str(result)


def test_a_search_that_is_cut_short_does_not_hold() -> None:
    result = check(most=1_000)
    assert (result.counterexample, result.exhausted, result.holds) == (None, False, False)
    assert "not exhausted" in str(result)


def test_the_saga_needs_the_sequence_of_a_partition() -> None:
    """If a RELEASE for a late duplicate could overtake DEDUCT, paid goods would stay on the shelf."""
    found = check(bounds=Bounds(warehouses=1, ordered=False)).counterexample
    assert found
    assert found.broken == "a_confirmed_order_is_paid_and_held"
    assert [str(move) for move in found.trace.moves][-3:] == [
        "duplicate RESERVED WH-BERLIN",
        "deliver RESERVED WH-BERLIN",
        "deliver RELEASE WH-BERLIN",
    ]


def test_warehouses_that_are_alike_save_worlds_and_change_no_answer() -> None:
    bounds = Bounds(duplicates=0, rollback=False)
    model = Model(bounds=bounds)
    every_world = Search(model, SAGA_PROPERTIES, 100_000, None).result()
    fewer = check(bounds=bounds, properties=SAGA_PROPERTIES)
    assert every_world.holds
    assert fewer.holds
    assert fewer.worlds < every_world.worlds < 2 * fewer.worlds
    assert fewer.depth == every_world.depth


def test_a_rule_that_raises_or_is_not_pure_is_a_counterexample() -> None:
    def hasty(saga: Saga, message: Any) -> Any:
        return step(saga, message) if isinstance(message, DeadlinePassed) else 1 / 0

    calls = count()

    def forgetful(saga: Saga, message: Any) -> Any:
        return replace(saga, charging=next(calls) % 2 == 0), ()

    def astray(saga: Saga, message: Any) -> Any:
        return saga, [Release(order_id="O-1", warehouse_id="WH-PARIS", at=AT)]

    for rule, sentence in ((hasty, "ZeroDivisionError"), (forgetful, "it is not pure"), (astray, "WH-PARIS")):
        found = check(rule, Saga(), Bounds(warehouses=1)).counterexample
        assert found
        assert (found.broken, len(found.trace.moves)) == ("the_rule_raises_nothing", 1)
        model = Model(rule, Saga(), found.trace.bounds)
        assert sentence in model.look(follow(model, found.trace)[-1]).office.error


def test_a_rule_that_goes_round_for_ever_is_found() -> None:
    """It answers every RELEASED with a RELEASE."""

    def endless(saga: Saga, message: Any) -> Any:
        after, outputs = step(saga, message)
        if isinstance(message, Released):
            outputs += (Release(order_id=message.order_id, warehouse_id=message.warehouse_id, at=message.at),)
        return after, outputs

    found = check(endless, Saga(), Bounds(warehouses=1, duplicates=0, crashes=0, rollback=False)).counterexample
    assert found
    assert found.broken == "it_comes_to_rest"
    assert {str(move) for move in found.trace.moves[-2:]} == {"deliver RELEASED WH-BERLIN", "deliver RELEASE WH-BERLIN"}


@pytest.mark.parametrize(
    ("nexts", "cycle"), [([[1], [2], []], []), ([[1], [2, 3], [1], []], [1, 2]), ([[0]], [0]), ([], [])]
)
def test_a_cycle_in_a_graph(nexts: list[list[int]], cycle: list[int]) -> None:
    assert cycle_in(nexts) == cycle


@pytest.mark.parametrize(("name", "value"), [("warehouses", 4), ("warehouses", 0), ("duplicates", -1), ("crashes", 9)])
def test_bounds_say_what_is_allowed(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{name} is {value}: [01] to 3 are allowed"):
        Bounds(**{name: value})
