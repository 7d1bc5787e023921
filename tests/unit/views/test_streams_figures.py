"""The figures of lesson 13: what they show is in their tables and in their words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from ecomkafka.views.lessons.streams import MATCHED, NEVER, TOO_LATE, answers_plot, join_plot, sessions_plot
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


def test_a_topology_is_drawn_from_left_to_right():
    view = topology_plot(DESCRIPTION, "shop-1")
    assert view.alt == "The topology, from left to right: 2 sub-topologies, 6 nodes, 3 state store(s)."
    assert view.table["topics"].iloc[0] == "shop-1.orders.events"
    texts = {text.get_text() for text in view.figure.axes[0].texts}
    assert {"orders.events", "sub-topology 1", "join\nstore: prices\nstore: rates"} <= texts
    assert view.png()


def test_what_is_no_description_is_refused():
    with pytest.raises(ValueError, match=r"topology\.describe"):
        parse("a topology")


def test_answers_are_held_against_the_right_one():
    view = answers_plot({"first": Decimal("1.50"), "second": Decimal("2.00")}, Decimal("2.00"), "GBP")
    assert list(view.table["error"]) == [Decimal("-0.50"), Decimal("0.00")]
    assert view.alt == "2 replays of one log; 1 of them are not the right 2.00."


def test_a_join_shows_what_is_too_far_and_what_never_came():
    view = join_plot(pd.Series({"A": 0, "B": 3, "C": 6}), pd.Series({"A": -10, "B": 14}), 10)
    assert list(view.table["outcome"]) == [MATCHED, TOO_LATE, NEVER]
    assert view.alt.endswith(f"{MATCHED} 1, {TOO_LATE} 1, {NEVER} 1.")


def test_sessions_show_the_orders_of_their_customers_alone():
    start = datetime(2011, 8, 8, 9, tzinfo=UTC)
    end = start + timedelta(hours=1)
    sessions = pd.DataFrame({"customer": ["ann"], "start": [start], "end": [end], "orders": [2]})
    orders = pd.DataFrame({"customer": ["ann", "ann", "bob"], "at": [start, end, end]})
    view = sessions_plot(sessions, orders, "Europe/London")
    assert view.alt == "1 sessions of 1 customers, made of 2 orders."
    assert view.png()
