"""What lesson 08 measures without a broker, and its figures."""

import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from ecomkafka.engine.state import State
from ecomkafka.lessons import deduplication
from ecomkafka.views.lessons.kafka.duplicates import duplicates_plot, memory_plot
from ecomkafka.views.view import BLUE, ORANGE


@pytest.mark.parametrize(
    ("keep", "distance", "obeyed"),
    [(3, 0, 0), (3, 2, 0), (3, 3, 20), (0, 1, 20)],
)
def test_a_copy_is_known_if_fewer_orders_came_between_than_ids_are_kept(keep, distance, obeyed):
    """A copy that is obeyed takes the place of a younger id, so the next one comes too late as well."""
    assert deduplication.sold_twice(keep, [distance] * 20) == obeyed


def test_only_a_memory_for_the_latest_copy_lets_no_copy_be_obeyed():
    """The shop goes on after the last order that has a copy: no end of the experiment saves the latest ones."""
    late = [0, 1, 5, 300]
    assert deduplication.sold_twice(301, late) == 0
    assert deduplication.sold_twice(300, late) == 1
    assert deduplication.sold_twice(5, late) == 2


def test_measuring_changes_no_other_state():
    before = State.remember
    deduplication.measure((0, 1), orders=10)
    assert State.remember == before


def test_the_price_of_an_id_is_its_key_and_its_value():
    assert deduplication.id_bytes() == len("order/WH/ORD-000001") + len('{"type":"Reservation","state":"DEDUCTED"}')


def test_the_figure_of_duplicates_says_what_is_wrong_and_only_that():
    frame = pd.DataFrame(
        [("tries again", "request lost", 0, 0), ("tries again", "acknowledgement lost", 0, 5),
         ("gives up", "request lost", 4, 0), ("gives up", "acknowledgement lost", 0, 0)],
        columns=["producer", "fault", "missing", "copies"],
    )  # fmt: skip
    view = duplicates_plot(frame, by="producer")
    (axes,) = view.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["tries again", "gives up"]
    assert sorted(text.get_text().strip() for text in axes.texts) == ["+5", "±0", "±0", "−4"]
    assert view.alt.endswith(
        "tries again, acknowledgement lost: 0 missing, 5 twice; gives up, request lost: 4 missing, 0 twice."
    )
    assert view.table is frame


def test_the_figure_of_duplicates_says_what_it_counts():
    frame = pd.DataFrame([("reads twice", "one death", 0, 1)], columns=["consumer", "fault", "missing", "copies"])
    view = duplicates_plot(frame, by="consumer", of="laptops")
    assert "laptops" in view.figure.axes[0].get_xlabel()
    assert view.alt.startswith("Bars of missing laptops")


def test_with_one_fault_all_bars_look_alike_and_like_neither_of_two_faults():
    rows = [("closed\nafter an error", "one error", 1, 0), ("reads twice", "one error", 0, 1)]
    view = duplicates_plot(pd.DataFrame(rows, columns=["consumer", "fault", "missing", "copies"]), by="consumer")
    missing, _, _, copies = view.figure.axes[0].patches
    assert missing.get_facecolor() == copies.get_facecolor()
    assert missing.get_facecolor() not in {to_rgba(BLUE), to_rgba(ORANGE)}
    assert "closed after an error, one error: 1 missing" in view.alt


def test_the_figure_of_memory_names_each_point():
    frame = pd.DataFrame({"ids kept": [1, 10, 1000], "unrecognised": [30, 4, 2], "bytes": [60, 600, 60_000]})
    view = memory_plot(frame)
    (axes,) = view.figure.axes
    assert [text.get_text() for text in axes.texts] == ["30", "4", "2"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["1", "10"]
    assert "log scale" in axes.get_xlabel()
    assert "log scale" in axes.get_ylabel()
    assert "1,000 ids: 2" in view.alt
    (line,) = axes.lines
    assert list(line.get_ydata()) == [30, 4, 2]
