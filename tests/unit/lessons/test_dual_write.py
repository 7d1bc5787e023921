"""The figures of lesson 09, and what its naive client sends."""

import pandas as pd

from ecomkafka.lessons import dual_write
from ecomkafka.views.lessons.kafka.exactly_once import cost_plot, crash_plot


def test_the_figure_of_crashes_names_what_happened_more_than_once():
    frame = pd.DataFrame({"sent": [1, 1], "mails": [1, 2]}, index=["after_poll", "after_effect"])
    view = crash_plot(frame, "a title")
    (axes,) = view.figure.axes
    assert [bar.get_height() for bar in axes.patches] == [1, 1, 1, 2]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["after\npoll", "after\neffect"]
    assert view.alt == "Counts by crash point. Everything happened once, but: mails 2 times after a crash after_effect."


def test_the_figure_of_costs_has_a_point_for_each_size():
    frame = pd.DataFrame({"records": [1, 100], "records/s": [20.4, 2_000.0], "ms per transaction": [48.0, 50.0]})
    frame["ms, first quartile"], frame["ms, third quartile"] = [40.0, 41.0], [60.0, 61.0]
    view = cost_plot(frame)
    rate, wait = view.figure.axes
    assert [text.get_text() for text in rate.texts] == ["20", "2,000"]
    assert list(wait.lines[0].get_ydata()) == [48.0, 50.0]
    assert "1 to 100 records" in view.alt


def test_the_client_that_dies_sends_one_order_s_two_messages():
    reserve, created = dual_write.messages("ANN-1")
    assert (reserve.type, created.type) == ("RESERVE", "ORDER_CREATED")
    assert reserve.order_id == created.order_id == "ANN-1"
    assert created.warehouses == (reserve.warehouse_id,)
