"""The figures of lesson 15: who can read what, and who is changed first."""

import pandas as pd

from ecomkafka.views.lessons.schema_changes import BREAKS, READS, readers_plot


def test_a_table_has_its_title_and_each_word_its_field():
    table = pd.DataFrame({"backward": [READS], "who is changed first": ["readers"]}, index=["remove a field"])
    view = readers_plot(table.assign(forward=BREAKS), "What a change breaks")
    (axes,) = view.figure.axes
    assert axes.get_title(loc="left") == "What a change breaks"
    assert [text.get_text() for text in axes.texts] == [READS, "readers", BREAKS]
    assert view.alt == "What a change breaks. remove a field: reads, readers, breaks."
