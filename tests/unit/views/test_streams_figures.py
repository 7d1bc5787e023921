"""The figures of the lessons 13 and 13b: what they show is in their tables and in their words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from matplotlib.dates import num2date

from ecomkafka.views.lessons.streams import (
    NO_ROW,
    answers_plot,
    billed_plot,
    join_plot,
    sessions_plot,
    stream_time_plot,
)
from ecomkafka.views.lessons.topology import parse, topology_plot

DESCRIPTION = """Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [shop-1.orders.events])
      --> KSTREAM-FLATMAP-0000000003
    Processor: KSTREAM-FLATMAP-0000000003 (stores: [])
      --> lines-sink
      <-- KSTREAM-SOURCE-0000000000
    Sink: lines-sink (topic: lines-repartition)
      <-- KSTREAM-FLATMAP-0000000003

  Sub-topology: 1
    Source: lines-source (topics: [lines-repartition])
      --> KSTREAM-JOIN-0000000008, KSTREAM-AGGREGATE-0000000009
    Processor: KSTREAM-JOIN-0000000008 (stores: [prices, rates])
      --> none
      <-- lines-source
    Processor: KSTREAM-AGGREGATE-0000000009 (stores: [revenue])
      --> none
      <-- lines-source
"""


def test_a_description_is_parsed_to_its_last_node():
    nodes = parse(DESCRIPTION)
    assert [(node.sub_topology, node.kind, node.label) for node in nodes] == [
        (0, "Source", "source"),
        (0, "Processor", "flatmap"),
        (0, "Sink", "lines-sink"),
        (1, "Source", "lines-source"),
        (1, "Processor", "join"),
        (1, "Processor", "aggregate"),
    ]
    assert nodes[3].next == ("KSTREAM-JOIN-0000000008", "KSTREAM-AGGREGATE-0000000009")
    assert nodes[4].stores == ("prices", "rates")


def test_a_topology_is_drawn_from_top_to_bottom_with_each_repartition_topic_once():
    view = topology_plot(DESCRIPTION, "shop-1", new_key="product")
    assert view.alt == (
        "The topology, from top to bottom: 2 sub-topologies, 1 repartition topic(s) between them, 3 state store(s)."
    )
    assert len(view.table) == 6
    assert view.table["topics"].iloc[0] == "shop-1.orders.events"
    texts = {text.get_text() for text in view.figure.axes[0].texts}
    assert {"topic\norders.events", "sub-topology 1", "join\nstore: prices\nstore: rates"} <= texts
    assert {"aggregate", "store:\nrevenue"} <= texts, "its only store stands behind it"
    [repartition] = [text for text in view.figure.axes[0].texts if "repartition" in text.get_text()]
    assert repartition.get_text() == "repartition topic\n(by product)"
    assert view.png()


def test_a_store_that_one_writes_and_another_looks_up_stands_between_them():
    joined = """
      Sub-topology: 0
        Source: prices-source (topics: [price.list])
          --> KSTREAM-AGGREGATE-0000000001
        Processor: KSTREAM-AGGREGATE-0000000001 (stores: [prices])
          --> none
        Source: lines-source (topics: [lines-repartition])
          --> KSTREAM-JOIN-0000000005
        Processor: KSTREAM-JOIN-0000000005 (stores: [prices])
          --> none
      Sub-topology: 1
        Source: orders-source (topics: [orders.events])
          --> KSTREAM-FLATMAP-0000000003
        Processor: KSTREAM-FLATMAP-0000000003 (stores: [])
          --> KSTREAM-FILTER-0000000004
        Processor: KSTREAM-FILTER-0000000004 (stores: [])
          --> lines-sink
        Sink: lines-sink (topic: lines-repartition)
    """
    steps = ["flatmap", "repartition", "aggregate"]
    texts = [text.get_text() for text in topology_plot(joined, new_key="product", steps=steps).figure.axes[0].texts]
    assert {"store:\nprices", "writes", "looks up", "3 aggregate", "join", "1 flatmap"} <= set(texts)
    assert "2 repartition topic\n(by product)" in texts
    with pytest.raises(ValueError, match="step 2, 'join'"):
        topology_plot(joined, steps=["join", "join"])


def test_what_is_no_description_is_refused():
    with pytest.raises(ValueError, match=r"topology\.describe"):
        parse("a topology")


def test_answers_are_held_against_the_right_one():
    view = answers_plot({"first": Decimal("1.50"), "second": Decimal("2.00")}, Decimal("2.00"), "GBP")
    assert list(view.table["error"]) == [Decimal("-0.50"), Decimal("0.00")]
    assert view.alt == "2 replays of one log; 1 of them are not the right 2.00."
    assert {text.get_text() for text in view.figure.axes[0].texts} >= {"1.50 (-0.50)", "2.00 (+0.00)"}


def test_a_sale_is_held_against_the_price_of_its_time():
    def at(hour):
        return datetime(2011, 8, 8, hour, tzinfo=UTC)

    sales = pd.DataFrame(
        [(at(9), Decimal("1")), (at(12), Decimal("2")), (at(11), Decimal("2"))], columns=["at", "billed"]
    )
    view = billed_plot({at(12): Decimal("2"), at(8): Decimal("1")}, sales)
    assert list(view.table["right"]) == [Decimal("1"), Decimal("2"), Decimal("1")]
    assert view.alt == "3 sales and a price; 1 not billed at the price of its time."
    assert "read as number 3; right is 1" in {text.get_text() for text in view.figure.axes[0].texts}
    assert view.png()


def test_what_is_behind_stream_time_by_its_window_and_the_grace_is_dropped():
    def at(minute):
        return datetime(2011, 8, 8, 9, minute, tzinfo=UTC)

    read = [(0, at(0)), (1, at(5)), (2, at(4)), (0, at(6)), (1, at(4)), (2, at(5))]
    view = stream_time_plot(pd.DataFrame(read, columns=["partition", "at"]), timedelta(minutes=5), timedelta(minutes=1))
    # The window from 9:00 takes events until stream time has come to 9:06.
    assert list(view.table["counted"]) == [True, True, True, True, False, True]
    assert list(view.table["stream time"]) == [at(minute) for minute in (0, 5, 5, 6, 6, 6)]
    assert view.alt == "6 orders as they are read: 5 are counted, 1 are dropped."
    assert view.png()


def test_a_join_shows_what_the_engine_said_and_of_what_it_said_nothing():
    rows = pd.DataFrame({"order": ["A", "B"], "answer": ["mail", "no mail"], "at minute": [1, 15]}).set_index("order")
    view = join_plot(pd.Series({"A": 0, "B": 3, "C": 45}), pd.Series({"A": 1, "B": 15}), rows, 10, grace=1)
    assert list(view.table["row"]) == ["mail, at 1", "no mail, at 15", NO_ROW]
    assert view.alt.endswith("A: mail, at 1; B: no mail, at 15; C: no row yet.")
    assert view.png()


def test_sessions_show_a_late_order_that_unites_two():
    nine = datetime(2011, 8, 8, 9, tzinfo=UTC)
    ten, eleven = nine + timedelta(hours=1), nine + timedelta(hours=2)
    rows = [("before", nine, nine, 1), ("before", eleven, eleven, 1), ("after", nine, eleven, 3)]
    sessions = pd.DataFrame(rows, columns=["read", "start", "end", "orders"])
    dots = [("before", nine), ("before", eleven), ("after", nine), ("after", eleven), ("after", ten)]
    view = sessions_plot(sessions, pd.DataFrame(dots, columns=["read", "at"]), timedelta(hours=1.5))
    assert view.alt == "Sessions of one customer. before: 2; after: 1."
    assert "read as number 3" in {text.get_text() for text in view.figure.axes[0].texts}
    names = [text.get_text() for text in view.figure.legends[0].get_texts()]
    assert sorted(names) == ["gap: 1.5 hours", "order", "session"]
    assert view.png()


def test_the_gaps_of_two_sessions_do_not_overlap():
    nine = datetime(2011, 8, 8, 9, tzinfo=UTC)
    twelve, gap = nine + timedelta(hours=3), timedelta(hours=2)
    sessions = pd.DataFrame(
        [("before", nine, nine, 1), ("before", twelve, twelve, 1)], columns=["read", "start", "end", "orders"]
    )
    view = sessions_plot(sessions, pd.DataFrame({"read": "before", "at": [nine, twelve]}), gap)
    pale = [bar for bar in view.figure.axes[0].patches if bar.get_alpha() is not None]
    begin = [num2date(bar.get_x()) for bar in pale]
    assert begin == [nine, twelve]
    assert [num2date(bar.get_x() + bar.get_width()) for bar in pale] == [nine + gap, twelve + gap]
