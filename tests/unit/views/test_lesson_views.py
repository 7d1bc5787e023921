"""The figures and texts of the saga's lessons."""

import pytest

from ecomkafka.domain import saga
from ecomkafka.engine.state import State
from ecomkafka.views.excerpts import excerpt, passage


def test_an_excerpt_is_the_modules_own_source_in_the_order_asked_for():
    text = excerpt(saga, "_react", "_note").text
    assert text.startswith("def _react(")
    assert text.index("def _note(") > text.index("def _react(")
    assert "saga.order" in text


def test_an_excerpt_of_a_class_is_a_method():
    assert excerpt(State, "abort").text.startswith("def abort(self)")


def test_an_excerpt_that_is_not_there_is_named():
    with pytest.raises(AttributeError, match="no_such_rule"):
        excerpt(saga, "no_such_rule")


def test_a_passage_is_the_head_and_the_lines_asked_for_and_dots_stand_for_the_rest():
    lines = passage(saga, "_react", "if order is None", "return saga, ()").text.splitlines()
    assert lines[0].startswith("def _react(")
    assert lines[1:] == ["    ...", "    if order is None:", "        return saga, ()", "    ..."]


def test_a_passage_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="no such line"):
        passage(saga, "_react", "if order is None", "no such line")
