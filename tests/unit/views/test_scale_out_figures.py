"""The figures of lesson 14: partitions by instance over time, units sold by wiring."""

from ecomkafka.clients.record import Record
from ecomkafka.views.lessons.kafka.assignment import assignment_plot
from ecomkafka.views.lessons.oversold import requests_plot, sold_plot

SAMPLES = [(0.0, {"a": (0, 1)}), (0.1, {}), (0.2, {"a": (0,), "b": (1,)}), (0.3, {"a": (0,), "b": (1,), "c": ()})]


def test_a_partition_has_its_instance_and_during_a_rebalance_none():
    table = assignment_plot(SAMPLES).table
    assert table[0].tolist() == ["a", "", "a", "a"]
    assert table[1].tolist() == ["a", "", "b", "b"]
    assert table.index.tolist() == [0.0, 0.1, 0.2, 0.3]


def test_each_partition_has_one_bar_for_each_time_that_an_instance_had_it():
    axes = assignment_plot(SAMPLES).figure.axes[0]
    drawn = [len(bars.get_paths()) for bars in axes.collections]
    assert drawn == [2, 1, 0, 1], "instance a: partition 0 twice, 1 once; instance b: 0 never, 1 once"


def test_what_a_crashed_instance_still_had_is_black_until_it_is_taken_away():
    plain, crashed = (assignment_plot(SAMPLES, crashes=crashes).figure.axes[0] for crashes in (None, {"a": 0.05}))
    drawn = [len(bars.get_paths()) for bars in crashed.collections[len(plain.collections) :]]
    assert drawn == [1, 1], "partitions 0 and 1, from 0.05 to the rebalance at 0.1; what it has later it lives to read"


def test_what_was_done_is_told_in_the_figure_and_in_words():
    view = assignment_plot(SAMPLES, [(0.1, "b joins")])
    assert [text.get_text().strip() for text in view.figure.axes[0].texts] == ["b joins"]
    assert view.alt == "Which partitions a, b had, over time: b joins."
    assert (view.figure.axes[0].get_xlabel(), view.figure.axes[0].get_ylabel()) == ("seconds", "partition")


def test_what_was_sold_beyond_the_opening_stock_is_oversold():
    view = sold_plot({"right": 40, "wrong": 80, "half": 25}, opening=40)
    assert view.table["oversold"].to_dict() == {"right": 0, "wrong": 40, "half": 0}
    assert view.table["sold"].to_dict() == {"right": 40, "wrong": 80, "half": 25}
    assert view.alt == "Units sold of 40: right: 40; wrong: 80; half: 25."
    assert view.figure.axes[0].get_xlabel() == "units"


def test_the_requests_of_each_instance_are_those_of_its_partitions():
    requests = [Record("inventory.requests", partition, 0, None, None, (), 0) for partition in (0, 0, 1, 2)]
    view = requests_plot(requests, {"a": (0, 1), "b": (2,)}, opening=40)
    assert view.table.to_dict("index") == {"a": {0: 2, 1: 1, 2: 0}, "b": {0: 0, 1: 0, 2: 1}}
    shown = [text.get_text() for text in view.figure.axes[0].texts]
    assert shown == ["partition 0: 2", "partition 1: 1", "partition 2: 1"]
    assert view.alt == "Requests by instance: a: 3; b: 1. Each instance had 40 units in its own memory."
