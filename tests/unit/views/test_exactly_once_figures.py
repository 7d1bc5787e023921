"""The figures of lesson 09."""

from ecomkafka.views.lessons.kafka.exactly_once import isolation_plot


def test_a_reader_has_its_own_end_and_what_it_did_not_get_is_told():
    every = [(0, "A1"), (2, "C1"), (3, "D1")]
    readers = {"read_uncommitted": every, "read_committed,\nwhile C is open": every[:1]}
    view = isolation_plot(readers, [4, 2])
    assert view.table["fate"].tolist() == ["committed", "open, then aborted", "no transaction"]
    assert view.table.iloc[:, 2:].sum().tolist() == [3, 1]
    written = {text.get_text() for text in view.figure.axes[0].texts}
    assert {"end: 4", "last stable offset: 2"} < written
    assert view.alt.endswith("read_uncommitted: A1 C1 D1, end 4; read_committed, while C is open: A1, end 2.")
