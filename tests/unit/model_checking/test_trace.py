"""A trace is kept as JSON and followed again; one that can't be followed says where and why."""

import pytest

from ecomkafka.lessons.sagas.as_rules import Known, leaky, naive
from ecomkafka.model_checking import Bounds, Model, check
from ecomkafka.model_checking.properties import every_order_ends
from ecomkafka.model_checking.trace import NoSuchMoveError, Trace, follow

FOUND = check(leaky, Known()).counterexample


def test_a_trace_survives_as_json_and_leads_to_the_same_situation() -> None:
    assert FOUND
    kept = Trace.from_json(FOUND.trace.to_json())
    assert kept == FOUND.trace
    model = Model(leaky, Known(), kept.bounds)
    now = model.look(follow(model, kept)[-1])
    assert (now.quiet, now.cancelled) == (True, True)
    assert [each.goods for each in now.warehouses] == ["REJECTED", "HELD"]


def test_a_trace_reads_like_a_list() -> None:
    found = check(naive, None, Bounds(warehouses=1), [every_order_ends]).counterexample
    assert str(found) == (
        "every order ends ✗\n"
        "   the card is good, enough in stock\n"
        " 1 deliver RESERVE WH-BERLIN\n"
        " 2 deliver RESERVED WH-BERLIN\n"
        " 3 deliver ORDER_CREATED"
    )


def test_a_trace_of_another_rule_is_refused_at_the_move_that_is_not_possible() -> None:
    assert FOUND
    with pytest.raises(NoSuchMoveError, match="move 4, deliver RELEASE WH-BERLIN: it is not possible there"):
        follow(Model(bounds=FOUND.trace.bounds), FOUND.trace)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"bounds": {"warehouses": 7}, "beginning": {}, "moves": []}'])
def test_what_is_no_trace_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match="this is no trace"):
        Trace.from_json(text)
