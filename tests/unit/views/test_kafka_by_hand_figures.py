"""The figures of lesson 01: a topic with its group, a request's bytes, and what defaults cost."""

import pandas as pd

from ecomkafka.lessons.produce_request import fields
from ecomkafka.views.lessons.kafka.kafka_map import kafka_map
from ecomkafka.views.lessons.kafka.produce_frame import defaults_plot, frame_plot
from tests.unit.lessons.test_produce_request import frame_of

COSTS = pd.DataFrame({"default": [1, 7], "repaired": [0, 0], "of": [6, 7]}, index=["never packed", "not read"])


def words_of(view):
    return [text.get_text() for text in view.figure.axes[0].texts]


def test_the_map_has_every_offset_and_each_committed_one():
    view = kafka_map({1: 2, 0: 3}, {0: 1, 1: 2}, {0: "a", 1: "b"}, topic="orders", group="packers")
    assert view.table.to_dict("index") == {
        0: {"end": 3, "committed": 1, "read by": "a"},
        1: {"end": 2, "committed": 2, "read by": "b"},
    }
    drawn = words_of(view)
    assert [word for word in drawn if word.isdigit()] == ["0", "1", "2", "0", "1"]
    assert {"committed 1", "committed 2", "producer", "a", "b", "group packers"} <= set(drawn)
    assert view.alt.endswith("partition 1 has 2 records, b reads it and 2 are committed.")


def test_a_partition_without_records_is_drawn_too():
    view = kafka_map({0: 0}, {0: 0}, {0: "a"}, topic="orders", group="packers")
    assert view.table.loc[0, "end"] == 0


def test_every_byte_of_the_frame_is_drawn_once():
    frame = frame_of()
    view = frame_plot(fields(frame), frame)
    drawn = [word for word in words_of(view) if len(word) == 2 and not word.isspace()]
    assert [word for word in words_of(view) if word.isdigit() and word.lstrip("0")]
    assert len(view.table) == len(fields(frame)) == 41
    assert len(drawn) >= len(frame)
    assert (
        view.alt == "The bytes of a request, field by field. Fields: header 7, request 12, record batch 13, record 9."
    )


def test_the_costs_of_defaults_are_told_in_numbers():
    view = defaults_plot(COSTS)
    assert words_of(view) == ["1 of 6, after the repair 0", "7 of 7, after the repair 0"]
    assert view.alt == (
        "What went wrong. never packed: 1 with the default, 0 after the repair; "
        "not read: 7 with the default, 0 after the repair."
    )
