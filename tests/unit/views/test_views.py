"""What the figures of all lessons say, from records made by hand: their tables, their words, their labels."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from operator import add

import pandas as pd
import pytest

from ecomkafka import messages as m
from ecomkafka.clients.record import Record
from ecomkafka.domain import saga
from ecomkafka.domain.windows.window import Window
from ecomkafka.flow import ROUTES, key_of
from ecomkafka.shop.report import frame
from ecomkafka.views import lag_plot, partition_plot, side_by_side, source, windows_plot
from ecomkafka.views.swimlanes import lanes
from ecomkafka.views.swimlanes.swimlane import drawn, without_observers
from ecomkafka.waiting import until

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BERLIN, LONDON = (
    {"order_id": "O-1", "warehouse_id": "WH-B", "at": AT},
    {"order_id": "O-1", "warehouse_id": "WH-L", "at": AT},
)
LINE = m.Line(product_id="MOUSE-001", quantity=1, price=Decimal(5))
CREATED = m.OrderCreated(
    order_id="O-1", total=Decimal(5), customer_id="ann", lines=(LINE,), warehouses=("WH-B", "WH-L"), deadline=AT, at=AT
)
CANCELLED = m.OrderCancelled(order_id="O-1", total=Decimal(5), reason=m.Reason.INSUFFICIENT_STOCK, at=AT)
ASKED = m.SendNotification(
    notification_id="N", order_id="O-1", customer_id="ann", kind=m.Kind.ORDER_CANCELLED, total=Decimal(5), at=AT
)


class Log:
    """Records as the topics would have them: each with the place of its cause.

    What one record has caused is one transaction, unless another number is given.
    """

    def __init__(self):
        self.records = []

    def add(self, ms, cause, message, topic="", attempt=1, transaction=None):
        topic = topic or ROUTES[type(message)].topic
        headers = [("correlation", b"O-1"), ("attempt", str(attempt).encode())]
        headers += [("causation", str(cause.position).encode())] if cause else []
        offset = sum(record.topic == topic for record in self.records)
        producer = (7, transaction or (1 + self.records.index(cause) if cause else 0))
        place = (topic, 0, offset)
        self.records.append(Record(*place, key_of(message).encode(), b"", tuple(headers), ms, message, producer))
        return self.records[-1]


def cancelled(reserved_first):
    """Berlin has enough, London has not; the warehouses answer in either order."""
    log = Log()
    log.add(0, None, CREATED)
    berlin, london = log.add(1, None, m.Reserve(**BERLIN, items=())), log.add(1, None, m.Reserve(**LONDON, items=()))
    reserved = log.add(10 if reserved_first else 30, berlin, m.Reserved(**BERLIN))
    short = log.add(20, london, m.InsufficientStock(**LONDON, shortages=()))
    log.add(40, short, CANCELLED)
    release = log.add(41, short if reserved_first else reserved, m.Release(**BERLIN))
    log.add(42, short, ASKED)
    log.add(50, release, m.Released(**BERLIN))
    return log.records


def retried():
    log = Log()
    first = log.add(0, None, ASKED)
    second = log.add(10, first, ASKED, "notifications.retry.1", attempt=2)
    third = log.add(20, second, ASKED, "notifications.retry.2", attempt=3)
    dead = log.add(30, third, ASKED, "notifications.dlq", attempt=3)
    log.add(40, dead, ASKED)
    return log.records


def test_what_one_record_caused_is_one_transaction():
    table = lanes.table_of(cancelled(reserved_first=True))
    assert table.groupby("transaction")["type"].agg(list).tolist() == [
        ["ORDER_CREATED", "RESERVE", "RESERVE"],
        ["RESERVED"],
        ["INSUFFICIENT_STOCK"],
        ["ORDER_CANCELLED", "RELEASE", "SEND_NOTIFICATION"],
        ["RELEASED"],
    ]


def test_a_transaction_is_what_the_log_says_and_not_what_one_record_caused():
    log = Log()
    log.add(0, None, CREATED)
    berlin, london = (log.add(1, None, m.Reserve(**place, items=())) for place in (BERLIN, LONDON))
    log.add(10, berlin, m.Reserved(**BERLIN), transaction=5)
    log.add(10, london, m.Reserved(**LONDON), transaction=5)
    table = lanes.table_of(log.records)
    assert table.groupby("transaction")["type"].agg(list).tolist() == [
        ["ORDER_CREATED", "RESERVE", "RESERVE"],
        ["RESERVED", "RESERVED"],
    ]
    assert table.query("type == 'RESERVED'")["offset"].tolist() == [0, 1]


def test_with_version_1_what_one_record_caused_is_taken_for_a_transaction():
    """All of a producer's transactions have one epoch there: an effect and its cause can't be in one of them."""
    log = Log()
    log.add(0, None, CREATED)
    reserve = log.add(1, None, m.Reserve(**BERLIN, items=()))
    reserved = log.add(10, reserve, m.Reserved(**BERLIN), transaction=5)
    log.add(20, reserved, m.Release(**BERLIN), transaction=5)
    assert lanes.table_of(log.records).groupby("transaction")["type"].agg(list).tolist() == [
        ["ORDER_CREATED", "RESERVE"],
        ["RESERVED"],
        ["RELEASE"],
    ]


def test_records_of_a_partition_stand_in_the_sequence_of_their_offsets_whatever_their_clocks_say():
    log = Log()
    log.add(0, None, CREATED)
    berlin, london = (log.add(1, None, m.Reserve(**place, items=())) for place in (BERLIN, LONDON))
    log.add(30, berlin, m.Reserved(**BERLIN), transaction=5)
    log.add(20, london, m.Reserved(**LONDON), transaction=6)
    table = lanes.table_of(log.records).query("type == 'RESERVED'")
    assert table["offset"].tolist() == [0, 1]
    assert table["warehouse"].tolist() == ["WH-B", "WH-L"]


def test_the_payment_is_a_step_without_a_record_before_the_end_of_the_order():
    table = lanes.table_of(cancelled(reserved_first=True), "DECLINED")
    assert table.loc[table["payment"] != "", ["type", "payment"]].values.tolist() == [["ORDER_CANCELLED", "DECLINED"]]
    assert "payment DECLINED" in words(drawn(table, "O-1", ""))
    assert not [word for word in words(drawn(lanes.table_of(retried()), "O-1", "")) if word.startswith("payment")]


def test_the_payment_stands_before_the_box_of_the_transaction_which_does_not_take_it_back():
    axes = drawn(lanes.table_of(cancelled(reserved_first=True), "DECLINED"), "O-1", "").figure.axes[0]
    diamond = next(line.get_ydata()[0] for line in axes.get_lines() if line.get_marker() == "D")
    assert not [box for box in axes.patches if box.get_y() <= diamond <= box.get_y() + box.get_height()]


def test_beside_each_other_the_words_count_what_is_drawn():
    views = [drawn(lanes.table_of(cancelled(which)), "O-1", "") for which in (True, False)]
    shown = len(without_observers(views[0].table))
    assert f"Left: Swim-lane of O-1, {shown} of 9 records shown: client writes" in side_by_side(*views).alt


def test_beside_each_other_the_end_of_an_order_leads_back_to_the_service_that_wrote_it():
    view = side_by_side(*(drawn(lanes.table_of(cancelled(which)), "O-1", "") for which in (True, False)))
    assert len(view.figure.axes) == 2
    kept = without_observers(lanes.table_of(cancelled(True))).set_index("type")
    assert kept.loc["ORDER_CANCELLED", "to"] == "order"


def test_compensation_is_told_apart():
    table = lanes.table_of(cancelled(reserved_first=True))
    assert table.query("kind == 'compensation'")["type"].tolist() == ["RELEASE", "RELEASED"]
    assert table.query("type == 'RELEASE'")[["from", "to", "warehouse"]].values.tolist() == [
        ["order", "inventory", "WH-B"]
    ]


def test_an_event_is_read_by_all_whose_wiring_says_so():
    table = lanes.table_of(cancelled(reserved_first=True)).set_index("type")
    assert table.loc["ORDER_CREATED", "to"] == "order, analytics, read model"
    assert table.loc["ORDER_CANCELLED", "to"] == "analytics, read model"


def test_the_words_do_not_depend_on_who_answered_first():
    first, second = (drawn(lanes.table_of(cancelled(reserved_first=which)), "O-1", "") for which in (True, False))
    assert first.alt == second.alt
    assert first.alt == (
        "Swim-lane of O-1, 9 records: client writes ORDER_CREATED, 2 × RESERVE; "
        "order writes ORDER_CANCELLED, RELEASE, SEND_NOTIFICATION; "
        "inventory writes RESERVED, INSUFFICIENT_STOCK, RELEASED."
    )


def test_what_the_deadline_began_stands_after_what_the_service_had_read():
    log = Log()
    created = log.add(0, None, CREATED)
    reserve = log.add(1, None, m.Reserve(**BERLIN, items=()))
    log.add(5_000, None, CANCELLED, transaction=99)
    log.add(10, reserve, m.Reserved(**BERLIN))
    assert lanes.table_of(log.records)["type"].tolist() == ["ORDER_CREATED", "RESERVE", "RESERVED", "ORDER_CANCELLED"]
    assert lanes.writer_of(created) == "client"


def test_retries_are_numbered_and_a_dead_letter_ends_with_the_operator():
    table = lanes.table_of(retried())
    assert table["kind"].tolist() == ["forward", "retry", "retry", "dead letter", "forward"]
    assert table["attempt"].tolist() == [1, 2, 3, 3, 1]
    assert table["from"].tolist() == ["order", "notification", "notification", "notification", "operator"]
    assert table["to"].tolist() == ["notification", "notification", "notification", "", "notification"]


def words(view, number=0):
    return [text.get_text() for text in view.figure.axes[number].texts]


def test_a_swim_lane_shows_lanes_types_addresses_and_attempts():
    view = drawn(lanes.table_of(retried()), "O-1", "Bob")
    assert view.figure.axes[0].get_title(loc="left") == "Bob"
    assert {"order", "notification", "operator", "SEND_NOTIFICATION", "attempt 3", "notifications.retry.2:0:0"} <= {
        *words(view)
    }
    assert view.png().startswith(b"\x89PNG")


def test_compensation_differs_in_colour_and_dash():
    axes = drawn(lanes.table_of(cancelled(reserved_first=True)), "O-1", "").figure.axes[0]
    legend = {
        text.get_text(): line for text, line in zip(axes.get_legend().texts, axes.get_legend().get_lines(), strict=True)
    }
    assert legend["forward"].get_color() != legend["compensation"].get_color()
    assert legend["compensation"].is_dashed()
    assert not legend["forward"].is_dashed()


def test_two_swim_lanes_stand_beside_each_other_without_observers():
    views = [
        drawn(lanes.table_of(records), "O-1", name) for name, records in (("A", cancelled(True)), ("B", retried()))
    ]
    both = side_by_side(*views)
    assert [axes.get_title(loc="left") for axes in both.figure.axes] == ["A", "B"]
    assert "analytics" not in words(both, 0)
    assert both.table.loc["right"].equals(views[1].table)
    assert [word for word in words(both) if word.isdigit()] == ["1", "2", "3", "4", "5"]
    with pytest.raises(ValueError, match="no swim-lane"):
        side_by_side(views[0], lag_plot([(0.0, {"g": 1})]))


def test_windows_are_plotted_in_orders_money_and_percent():
    confirmed = m.OrderConfirmed(order_id="O-2", total=Decimal(7), at=AT)
    window = reduce(add, map(Window.of, (CREATED, CREATED, confirmed)))
    view = windows_plot(frame([window]))
    assert view.table.iloc[0][["created", "confirmed", "pending", "cancelled"]].tolist() == [2, 1, 1, 0]
    assert view.table.iloc[0][["revenue", "conversion"]].tolist() == [7.0, 0.5]
    assert [axes.get_ylabel() for axes in view.figure.axes] == ["orders", "revenue", "conversion (%)"]
    assert view.alt.startswith("Orders, revenue and conversion in 1 window(s): 2 orders created, 1 confirmed")
    assert windows_plot(frame([window]), "GBP").figure.axes[1].get_ylabel() == "revenue (GBP)"


def test_lag_is_a_line_for_each_group():
    view = lag_plot([(0.0, {"b": 3, "a": 0}), (1.5, {"b": 0, "a": 1})])
    assert view.table.to_dict() == {"a": {0.0: 0, 1.5: 1}, "b": {0.0: 3, 1.5: 0}}
    assert [line.get_label() for line in view.figure.axes[0].lines] == ["a", "b"]
    assert view.alt == "Lag over time of a, b. Furthest behind at the end: a."


def test_a_later_sampling_of_the_lag_follows_after_a_gap():
    view = lag_plot([(0.0, {"a": 0}), (1.0, {"a": 5})], [(0.0, {"a": 5}), (0.5, {"a": 0})])
    assert view.table["a"].dropna().tolist() == [0, 5, 5, 0]
    assert view.table["a"].isna().tolist() == [False, False, True, False, False]
    assert view.table.index.is_monotonic_increasing
    assert view.alt.endswith("Furthest behind at the end: a, then nobody.")


def test_records_are_counted_by_partition_and_kind_of_key():
    records = [Record("t", n % 2, n, key, b"", (), 0) for n, key in enumerate([b"ORD-1", b"WH-X", None, b"ORD-2"])]
    table = partition_plot(records).table
    assert table.to_dict("list") == {
        "topic": ["t", "t"], "partition": [0, 1], "ORD": [1, 1], "WH": [0, 1], "no key": [1, 0], "records": [2, 2],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("thing", "begins"),
    [(saga.step, "def step("), (saga, '"""'), (Record.attempt, "@property"), (Record.header, "def header(self")],
)
def test_source_is_the_packages_own_text(thing, begins):
    shown = source(thing)
    assert shown.text.startswith(begins)
    assert f"```python\n{shown.text.rstrip()}\n```" in shown._repr_markdown_()
    assert repr(shown).startswith("source of ecomkafka.")


@pytest.mark.parametrize("value", [3, "step", print, pd.DataFrame()])
def test_a_value_has_no_source(value):
    with pytest.raises(TypeError, match="a function, a class or a module has a source"):
        source(value)


def test_waiting_gives_the_answer_or_names_what_did_not_come():
    answers = iter([0, "", "here"])
    assert until(lambda: next(answers)) == "here"
    with pytest.raises(TimeoutError, match=r"the bus: not within 0\.05 s"):
        until(lambda: False, timeout=0.05, what="the bus")


def test_the_box_of_a_transaction_is_as_wide_as_its_words():
    axes = side_by_side(*(drawn(lanes.table_of(cancelled(which)), "O-1", "") for which in (True, False))).figure.axes[0]
    words_of_london = next(text for text in axes.texts if text.get_text() == "INSUFFICIENT_STOCK")
    axes.figure.canvas.draw()
    left = axes.transData.inverted().transform(words_of_london.get_window_extent())[0][0]
    assert min(box.get_x() for box in axes.patches if box.get_y() < words_of_london.get_position()[1]) < left


@pytest.mark.parametrize("records", [cancelled(True), retried()], ids=["cancelled", "retried"])
def test_words_beside_a_lane_end_before_the_next_one(records):
    view = drawn(lanes.table_of(records, "DECLINED"), "O-1", "")
    pair = side_by_side(view, view)
    assert view.png()  # now it is known how wide everything is
    assert pair.png()
    for axes in (*view.figure.axes, *pair.figure.axes):
        heads = [text for text in axes.texts if text.get_text() in lanes.LANES]
        for text in axes.texts:
            if text not in heads:
                left, right = axes.transData.inverted().transform(text.get_window_extent())[:, 0]
                crossed = [head for head in heads if left < head.get_position()[0] < right]
                assert not crossed, (text.get_text(), crossed)


def test_beside_each_other_both_have_the_same_lanes_if_one_has_those_of_the_other():
    whole = lanes.table_of(cancelled(True))
    pair = side_by_side(*(drawn(table, "O-1", "") for table in (whole, whole[whole["to"] != "notification"])))
    left, right = (
        [(text.get_text(), text.get_position()) for text in axes.texts if text.get_text() in lanes.LANES]
        for axes in pair.figure.axes
    )
    assert left == right
    assert "notification" in dict(right)
