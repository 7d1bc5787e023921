"""The figures of lesson 10: what is left of an order, a transaction that is overtaken, delay and load, whereabouts."""

import pandas as pd
import pytest

from ecomkafka.lessons.outbox import delay, overtaking
from ecomkafka.views.lessons.rows_and_events import (
    BOTH,
    EVENT_ONLY,
    NEITHER,
    ROW_ONLY,
    delay_plot,
    fates_plot,
    overtaking_plot,
    whereabouts_plot,
)


def words_of(view):
    return [text.get_text() for text in view.figure.axes[0].texts]


def test_each_way_and_case_has_a_field_with_what_is_left():
    table = pd.DataFrame({"well": [BOTH, BOTH], "power cut": [ROW_ONLY, EVENT_ONLY]}, index=["first", "second"])
    view = fates_plot(table)
    assert words_of(view) == [BOTH, ROW_ONLY, BOTH, EVENT_ONLY]
    assert view.alt.endswith("first: row and event, row alone; second: row and event, event alone.")
    assert view.table is table


def test_the_four_fates_look_different():
    view = fates_plot(pd.DataFrame({"case": [BOTH, ROW_ONLY, EVENT_ONLY, NEITHER]}, index=list("abcd")))
    looks = {(patch.get_facecolor(), patch.get_hatch()) for patch in view.figure.axes[0].patches}
    assert len(looks) == 4


def test_who_knows_nothing_is_said_to_know_nothing():
    view = whereabouts_plot(pd.DataFrame({"ANN": ["PAID", None]}, index=["payment", "notification"]))
    assert words_of(view) == ["PAID", "nothing"]
    assert view.alt.endswith("payment: PAID; notification: nothing.")


def test_the_field_that_matters_may_have_a_frame():
    table = pd.DataFrame({"ANN": ["PAID", None], "BEN": [None, None]}, index=["payment", "notification"])
    framed = whereabouts_plot(table, framed=("notification", "BEN")).figure.axes[0].patches[-1]
    assert not framed.get_fill()
    assert (round(framed.get_x()), round(framed.get_y())) == (1, 1)


def test_each_poll_is_drawn_with_what_both_ways_found():
    view = overtaking_plot(overtaking.recorded().polls)
    assert [word for word in words_of(view) if word in ("id 1", "id 2", "nothing")] == [
        *("id 1", "id 2"),  # in the transactions' bars
        *("id 2", "id 2", "nothing", "id 1"),
    ]
    assert "after Ann's commit nothing by the last id, id 1 by marks" in view.alt


@pytest.mark.parametrize("queries", [0.0, 70.0])
def test_delay_and_load_are_drawn_even_where_nobody_asks(queries):
    frame = pd.DataFrame([("a", 500.0, 900.0, 2.0), ("b", 4.0, 9.0, queries)], columns=delay.COLUMNS)
    view = delay_plot(frame, "PostgreSQL")
    assert view.png()[:4] == b"\x89PNG"
    assert "The longest median delay: a" in view.alt
    assert [text.get_text() for text in view.figure.axes[1].texts] == ["2", f"{queries:.0f}"]
    wait = view.figure.axes[0]
    assert wait.get_legend() is None  # it would stand among the measurements
    assert "dot: median" in wait.get_xlabel()
