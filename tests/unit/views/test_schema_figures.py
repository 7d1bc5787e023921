"""The figures of lesson 15: who can read what, who is changed first, and a report that is wrong by a factor."""

import pandas as pd

from ecomkafka.views.lessons.schema_changes import BREAKS, READS, readers_plot, report_plot


def test_a_table_has_its_title_and_each_word_its_field():
    table = pd.DataFrame({"backward": [READS], "who is changed first": ["readers"]}, index=["remove a field"])
    view = readers_plot(table.assign(forward=BREAKS), "What a change breaks")
    (axes,) = view.figure.axes
    assert axes.get_title(loc="left") == "What a change breaks"
    assert [text.get_text() for text in axes.texts] == [READS, "readers", BREAKS]
    assert view.alt == "What a change breaks. remove a field: reads, readers, breaks."


def test_a_hundred_times_as_much_is_a_bar_a_hundred_times_as_high():
    view = report_plot(pd.DataFrame({"sold": [30.0], "reported": [3_000.0]}, index=["Tuesday"]))
    (axes,) = view.figure.axes
    assert (axes.get_yscale(), axes.get_ylim()[0]) == ("linear", 0)
    assert [bar.get_height() for bar in axes.patches] == [30, 3_000]
    assert view.alt == "Sold and reported. Tuesday: 30 sold, 3,000 reported."
