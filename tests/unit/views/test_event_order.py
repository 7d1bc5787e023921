"""The figure of where an order's events lie."""

from datetime import UTC, datetime
from decimal import Decimal

from ecomkafka.clients.record import Record
from ecomkafka.domain.order import Confirm, Place, decide, evolve
from ecomkafka.messages import Line
from ecomkafka.views.lessons.kafka.event_order import split_plot

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def events_of(order_id):
    line = Line(product_id="MOUSE-001", quantity=1, price=Decimal("29.99"))
    place = Place(order_id=order_id, customer_id="ann", lines=(line,), warehouses=("WH",), at=AT, deadline=AT)
    (created,) = decide(None, place)
    return created, *decide(evolve(None, created), Confirm())


def record_of(event, partition):
    return Record("orders.events", partition, 0, None, b"", (), 0, event)


def test_an_order_with_events_in_two_partitions_is_torn_and_others_are_not():
    apart, together = events_of("ORD-1"), events_of("ORD-2")
    records = [record_of(*lies) for lies in zip((*apart, *together), (0, 2, 1, 1), strict=True)]
    plot = split_plot(records, "a copy")
    assert plot.table.to_dict("index") == {
        "ORD-1": {"created": 0, "end": 2, "split": True},
        "ORD-2": {"created": 1, "end": 1, "split": False},
    }
    assert plot.alt == "1 of 2 orders have their events in two partitions."


def test_its_axes_say_what_they_show():
    axes = split_plot([record_of(event, 1) for event in events_of("ORD-1")], "a copy").figure.axes[0]
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("a copy", "order", "partition")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["ORD-1"]
