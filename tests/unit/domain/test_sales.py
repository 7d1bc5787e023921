"""Sales figures count orders, not events: order of arrival and duplicates do not matter."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ecomkafka.domain.sales import Sold, sales
from ecomkafka.messages import Line, OrderCancelled, OrderConfirmed, OrderCreated, Reason

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def created(order_id, *lines):
    lines = tuple(Line(product_id=name, quantity=units, price=Decimal(price)) for name, units, price in lines)
    total = sum((line.quantity * line.price for line in lines), Decimal(0))
    return OrderCreated(
        order_id=order_id, total=total, customer_id="ann", lines=lines, warehouses=("A",), deadline=AT, at=AT
    )


def confirmed(order):
    return OrderConfirmed(order_id=order.order_id, total=order.total, at=AT)


def cancelled(order, reason=Reason.TIMEOUT):
    return OrderCancelled(order_id=order.order_id, total=order.total, reason=reason, at=AT)


ONE = created("O-1", ("LAPTOP", 1, "999.99"), ("MOUSE", 3, "10.10"))
TWO = created("O-2", ("MOUSE", 2, "9.00"), ("MOUSE", 1, "10.10"))
THREE = created("O-3", ("LAPTOP", 1000, "999.99"))
FOUR = created("O-4", ("CABLE", 6, "1.00"))
FIVE = created("O-5", ("CABLE", 1, "1.00"))
EVENTS = [
    ONE, TWO, THREE, FOUR, FIVE,
    confirmed(ONE), confirmed(TWO), confirmed(FOUR), cancelled(THREE, Reason.INSUFFICIENT_STOCK),
]  # fmt: skip


def test_the_figures_of_five_orders():
    figures = sales(EVENTS)
    assert (figures.created, figures.confirmed, figures.cancelled) == (5, 3, {Reason.INSUFFICIENT_STOCK: 1})
    assert (figures.lines, figures.units) == (7, 1014)
    assert figures.revenue_confirmed == Decimal("1064.39")
    assert figures.revenue_lost == Decimal("999990.00")
    assert figures.revenue_pending == Decimal("1.00")
    assert figures.conversion == 3 / 5
    assert figures.unknown == 0


def test_best_sellers_are_of_confirmed_orders_by_units_then_revenue():
    assert sales(EVENTS).best_sellers == (
        Sold(product_id="MOUSE", units=6, revenue=Decimal("58.40")),
        Sold(product_id="CABLE", units=6, revenue=Decimal("6.00")),
        Sold(product_id="LAPTOP", units=1, revenue=Decimal("999.99")),
    )


def test_no_events_no_figures():
    figures = sales([])
    assert (figures.created, figures.cancelled, figures.revenue_confirmed, figures.best_sellers) == (0, {}, 0, ())
    assert figures.conversion is None


def test_an_order_whose_beginning_is_gone_is_left_out_and_counted_as_unknown():
    """Retention deletes the oldest events first."""
    figures = sales([confirmed(ONE), TWO])
    assert (figures.created, figures.confirmed, figures.revenue_confirmed, figures.unknown) == (1, 0, 0, 1)


def test_of_two_ends_the_first_counts():
    figures = sales([ONE, confirmed(ONE), cancelled(ONE)])
    assert (figures.confirmed, figures.cancelled, figures.revenue_lost) == (1, {}, 0)


@given(st.permutations(EVENTS), st.lists(st.sampled_from(EVENTS)))
def test_any_order_of_arrival_and_any_duplicate_gives_the_same_figures(events, duplicates):
    assert sales([*events, *duplicates]) == sales(EVENTS)
    assert sales([*duplicates, *events]) == sales(EVENTS)


@given(st.dictionaries(st.text("abc", min_size=1), st.sampled_from([None, "confirmed", *Reason]), max_size=20))
def test_every_order_is_confirmed_cancelled_or_pending(ends):
    orders = [created(order_id, ("P", 2, "1.25")) for order_id in ends]
    done = [
        confirmed(order) if end == "confirmed" else cancelled(order, end)
        for order, end in zip(orders, ends.values(), strict=True)
        if end
    ]
    figures = sales([*orders, *done])
    pending = figures.created - figures.confirmed - sum(figures.cancelled.values())
    assert pending == list(ends.values()).count(None)
    money = figures.revenue_confirmed, figures.revenue_lost, figures.revenue_pending
    assert sum(money) == Decimal("2.50") * len(orders)
    assert figures.revenue_pending == Decimal("2.50") * pending
