"""The order: decide and evolve, and the basket it is made from."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ecomkafka.catalogue import DEFAULT
from ecomkafka.domain.basket import MAX_LINES, by_warehouse, identifier, lines_of
from ecomkafka.domain.order import BrokenHistoryError, Cancel, Confirm, Place, Status, decide, evolve, fold
from ecomkafka.messages import Line, OrderConfirmed, Reason

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
PLACE = Place(
    order_id="O-1",
    customer_id="ann",
    lines=(Line(product_id="P", quantity=3, price=Decimal("0.10")),),
    warehouses=("A",),
    at=AT,
    deadline=AT + timedelta(seconds=30),
)


def placed():
    return fold(decide(None, PLACE))


def test_a_placed_order_is_pending_and_its_total_is_exact():
    order = placed()
    assert (order.status, order.total) == (Status.PENDING, Decimal("0.30"))


def test_placing_twice_causes_nothing():
    assert decide(placed(), PLACE) == ()


@pytest.mark.parametrize(
    ("command", "status"), [(Confirm(), Status.CONFIRMED), (Cancel(reason=Reason.TIMEOUT), Status.CANCELLED)]
)
def test_a_pending_order_can_end_either_way(command, status):
    order = placed()
    assert fold([*decide(None, PLACE), *decide(order, command)]).status is status


@pytest.mark.parametrize("second", [Confirm(), Cancel(reason=Reason.TIMEOUT)])
def test_an_order_that_has_ended_does_not_end_again(second):
    ended = evolve(placed(), decide(placed(), Confirm())[0])
    assert decide(ended, second) == ()


def test_a_command_for_an_order_that_does_not_exist_causes_nothing():
    assert decide(None, Confirm()) == ()


def test_a_prefix_of_the_events_is_the_order_as_it_was_then():
    events = [*decide(None, PLACE), *decide(placed(), Cancel(reason=Reason.TIMEOUT))]
    assert [fold(events[:n]) and fold(events[:n]).status for n in range(3)] == [None, "PENDING", "CANCELLED"]


def test_an_end_without_a_beginning_is_no_history():
    with pytest.raises(BrokenHistoryError, match="ORDER_CONFIRMED comes before ORDER_CREATED"):
        evolve(None, OrderConfirmed(order_id="O-1", total=Decimal(1), at=AT))


def test_two_different_ends_are_no_history():
    cancelled = evolve(placed(), decide(placed(), Cancel(reason=Reason.TIMEOUT))[0])
    with pytest.raises(BrokenHistoryError, match="after the order was CANCELLED"):
        evolve(cancelled, OrderConfirmed(order_id="O-1", total=Decimal("0.30"), at=AT))


GOOD = {"product_id": "LAPTOP-001", "quantity": 1}


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "1 to 1500 items"),
        ([GOOD] * (MAX_LINES + 1), "1 to 1500 items"),
        (None, "a list of"),
        ("LAPTOP-001", "a list of"),
        (GOOD, "a list of"),
        (7, "a list of"),
        (["LAPTOP-001"], "item 1 is 'LAPTOP-001': a dict"),
        ([GOOD, None], "item 2 is None: a dict"),
        ([{}], "item 1: product_id is None"),
        ([{"product_id": "NOPE", "quantity": 1}], "item 1: product_id is 'NOPE'"),
        ([{"product_id": 1, "quantity": 1}], "item 1: product_id is 1"),
        ([{"product_id": ["LAPTOP-001"], "quantity": 1}], "item 1: product_id is \\['LAPTOP-001'\\]"),
        ([{"product_id": "LAPTOP-001"}], "quantity is None"),
        ([{**GOOD, "quantity": 0}], "quantity is 0: a whole number from 1"),
        ([{**GOOD, "quantity": -1}], "quantity is -1"),
        ([{**GOOD, "quantity": 1.5}], "quantity is 1.5"),
        ([{**GOOD, "quantity": 1.0}], "quantity is 1.0"),
        ([{**GOOD, "quantity": "1"}], "quantity is '1'"),
        ([{**GOOD, "quantity": True}], "quantity is True"),
        ([{**GOOD, "quantity": 10**7}], "quantity is 10000000"),
        ([{**GOOD, "quantity": float("nan")}], "quantity is nan"),
        ([{**GOOD, "price": -0.01}], "price is -0.01"),
        ([{**GOOD, "price": float("nan")}], "price is NaN"),
        ([{**GOOD, "price": float("inf")}], "price is Infinity"),
        ([{**GOOD, "price": Decimal("sNaN")}], "price is sNaN"),
        ([{**GOOD, "price": "cheap"}], "price is 'cheap'"),
        ([{**GOOD, "price": None}], "price is None"),
        ([{**GOOD, "price": True}], "price is True"),
        ([{**GOOD, "price": []}], "price is \\[\\]"),
        ([{**GOOD, "price": "1e9"}], "at most 1,000,000"),
        ([{**GOOD, "price": "0.00001"}], "at most 4 decimals"),
        ([{**GOOD, "discount": -1}], "discount is -1"),
        (
            [{**GOOD, "quantity": 2, "price": 10, "discount": 20.01}],
            "discount is 20.01: at most the line's 20 is",
        ),
        ([{**GOOD, "colour": "red"}], "unknown field 'colour': product_id, quantity, price, discount are allowed"),
    ],
)
def test_bad_items_are_refused_with_item_field_and_what_is_allowed(items, message):
    with pytest.raises(ValueError, match=message):
        lines_of(items, DEFAULT)


def test_a_float_price_counts_as_what_is_printed():
    (line,) = lines_of([{**GOOD, "price": 999.99}], DEFAULT)
    assert line.price == Decimal("999.99")


def test_without_a_price_the_catalogue_s_counts():
    (line,) = lines_of([GOOD], DEFAULT)
    assert line.price == DEFAULT["LAPTOP-001"].price


@pytest.mark.parametrize("name", ["", " ", " ann", "ann ", "a\nb", "a\x00b", "x" * 101, None, 7, b"ann", ["ann"]])
def test_bad_names_are_refused(name):
    with pytest.raises(ValueError, match="customer_id is"):
        identifier("customer_id", name)


@pytest.mark.parametrize("name", ["a", "customer-123", "Ann Lee", "Zoë", "x" * 100])
def test_good_names_are_taken_as_they_are(name):
    assert identifier("customer_id", name) == name


def test_a_basket_is_split_by_warehouse_and_added_up_by_product():
    lines = lines_of([GOOD, {"product_id": "MOUSE-001", "quantity": 2}, {**GOOD, "quantity": 4}], DEFAULT)
    wanted = {w: {i.product_id: i.quantity for i in items} for w, items in by_warehouse(lines, DEFAULT).items()}
    laptops, mice = DEFAULT["LAPTOP-001"].warehouse_id, DEFAULT["MOUSE-001"].warehouse_id
    assert wanted == {laptops: {"LAPTOP-001": 5}, mice: {"MOUSE-001": 2}}
