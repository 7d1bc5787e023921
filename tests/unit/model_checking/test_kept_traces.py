"""Each kept trace broke a saga once, and goes on breaking it; the shop's own comes to its end in the same world."""

from typing import Any

import pytest

from ecomkafka.domain.saga import Saga
from ecomkafka.lessons.sagas.as_rules import Known, leaky, naive
from ecomkafka.lessons.sagas.broker_replay import given
from ecomkafka.model_checking import PROPERTIES, SAGA_PROPERTIES, Model
from ecomkafka.model_checking.places import AT
from ecomkafka.model_checking.trace import follow
from tests.unit.model_checking.kept import NAMES, kept
from tests.unit.model_checking.mutants import mutant

BROKEN: dict[str, tuple[Any, Any, str]] = {
    "an_answer_is_faster_than_its_order": (naive, None, "every_order_ends"),
    "a_copy_is_taken_for_an_answer": (naive, None, "a_confirmed_order_is_paid_and_held"),
    "the_second_warehouse_is_forgotten": (leaky, Known(), "nobody_holds_stock_at_the_end"),
    "the_charge_of_a_crash_is_kept": (
        mutant("asked = saga.charging or saga.reserved >= set(order.warehouses)", "asked = saga.charging"),
        Saga(),
        "money_and_goods_go_together",
    ),
}


def test_each_kept_trace_has_a_saga_that_it_breaks() -> None:
    assert sorted(BROKEN) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_kept_trace_breaks_its_saga(name: str) -> None:
    step, start, broken = BROKEN[name]
    trace = kept(name)
    model = Model(step, start, trace.bounds)
    now = model.look(follow(model, trace)[-1])
    assert broken in [holds.__name__ for holds in PROPERTIES if not holds(now)]


def test_the_shops_saga_goes_the_way_of_the_crash_and_gives_the_money_back() -> None:
    """The mutant's way can be gone with the shop's saga, too: only that a Void is then on its way."""
    trace = kept("the_charge_of_a_crash_is_kept")
    model = Model(bounds=trace.bounds)
    now = model.look(follow(model, trace)[-1])
    assert "Void" in now.office.in_flight
    assert [holds.__name__ for holds in SAGA_PROPERTIES if not holds(now)] == []


def test_what_the_order_service_was_given_is_read_from_a_trace() -> None:
    messages = given(kept("an_answer_is_faster_than_its_order"), "O-7", AT)
    assert [message.type for message in messages if message] == ["RESERVED", "ORDER_CREATED"]
