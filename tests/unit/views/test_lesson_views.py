"""The figures and texts of the saga's lessons."""

import pandas as pd
import pytest

from ecomkafka.domain import saga
from ecomkafka.engine.state import State
from ecomkafka.views.excerpts import excerpt
from ecomkafka.views.lessons.outcomes import endings_plot

COUNTS = pd.DataFrame({"pending": [3, 0], "confirmed": [1, 4]}, index=["naive", "saga"])


def test_endings_are_told_in_numbers_and_words():
    view = endings_plot(COUNTS)
    assert view.table.loc["naive"].to_dict() == {"confirmed": 1, "pending": 3}
    assert view.alt == "How sequences of arrival end. naive: 1 confirmed, 3 pending; saga: 4 confirmed."


def test_the_bars_of_endings_are_labelled_and_as_long_as_the_counts():
    (axes,) = endings_plot(COUNTS).figure.axes
    assert (axes.get_title(), axes.get_xlabel()) == ("How 4 sequences of arrival end", "sequences")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["naive", "saga"]
    assert sorted(bar.get_width() for bar in axes.patches) == [0, 1, 3, 4]


def test_no_endings_are_no_figure():
    with pytest.raises(ValueError, match="counts is empty"):
        endings_plot(pd.DataFrame())


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
