"""The figures of lesson 17: lag and age in two situations, how long orders took, the spans of one order."""

import pandas as pd
import pytest

from ecomkafka.views.lessons.watching import percentile, situations_plot, waits_plot, waterfall_plot


def test_it_is_said_which_alert_rings_in_which_situation():
    seconds = pd.Index([0.0, 1.0], name="seconds")
    busy = pd.DataFrame({"lag": [300, 0], "age": [1.0, 0.0]}, index=seconds)
    silent = pd.DataFrame({"lag": [20, 0], "age": [0.0, 9.0]}, index=seconds)
    quiet = pd.DataFrame({"lag": [0, 0], "age": [0.0, 0.0]}, index=seconds)
    view = situations_plot({"busy": busy, "silent": silent, "quiet": quiet}, {"lag": 250, "age": 6})
    assert view.alt.endswith("busy: the alert on lag rings; silent: the alert on age rings; quiet: no alert rings.")
    assert view.table.loc["silent"].tolist() == [20, 9.0, 0, 9.0]


def test_the_mean_may_be_the_wait_of_nobody():
    view = waits_plot([8.0, *[0.1] * 4, 8.0])
    assert view.table["seconds"].round(2).to_dict() == {"median": 0.1, "mean": 2.73, "95th percentile": 8.0}
    assert view.alt.endswith("The median is the lowest of the lines, the 95th percentile the highest.")


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.75, 3), (0.76, 4), (1.0, 4)])
def test_a_percentile_is_a_value_that_was_seen(share, value):
    assert percentile([1, 2, 3, 4], share) == value


def test_each_span_of_which_something_came_has_a_bar_below_its_parent():
    spans = pd.DataFrame(
        [
            ("client", "order", 100, 900, "a", None),
            ("mail", "process", 880, 890, "d", "c"),
            ("mail", "send", 890, 890, "e", "d"),
            ("order", "send", 110, 110, "b", "a"),
            ("order", "charge", 110, 880, "c", "a"),
        ],
        columns=["service", "name", "start", "end", "span", "parent"],
    )
    view = waterfall_plot(spans)
    assert view.table[["service", "start", "ms", "depth"]].to_numpy().tolist() == [
        ["client", 0, 800, 0],
        ["order", 10, 770, 1],
        ["mail", 780, 10, 2],
    ]
    assert [bar.get_width() > 0 for bar in view.figure.axes[0].patches] == [True] * 3
    assert [label.get_text().strip() for label in view.figure.axes[0].get_yticklabels()] == [
        "client: order",
        "└ order: charge",
        "└ mail: process",
    ]
    assert view.alt.endswith("2 records are left out, because nothing came of them.")
