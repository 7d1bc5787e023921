"""What a client gives: numbers and texts of any library are taken, and whatever is taken every reader can decode."""

import math
import operator
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from email.policy import SMTP
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecomkafka import messages as m
from ecomkafka.catalogue import DEFAULT, Catalogue, Product
from ecomkafka.clients.record import Record
from ecomkafka.clock import ManualClock
from ecomkafka.domain.mail_text import address, mail_for
from ecomkafka.domain.order import Confirm, Order, decide, evolve
from ecomkafka.domain.order_numbers import MAX_AHEAD, OrderNumbers
from ecomkafka.domain.placed_orders import OtherOrderError, Placed, content_of
from ecomkafka.domain.used_ids import MAX_IDS
from ecomkafka.engine.state import State
from ecomkafka.flow import CODECS, ROUTES
from ecomkafka.gateways.mail import compose
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.inventory import restocks
from ecomkafka.services.order import OrderService
from ecomkafka.widgets.drawing.product_list import ProductRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BROKER_LIMIT = 1_048_588
"""Kafka's `message.max.bytes`."""

LONGEST_LINE = 998
"""Of a mail, in octets (RFC 5322, 2.1.1)."""

HUGE = 10**5_000
"""More digits than Python writes."""


class Outbox:
    """In place of the sender: what would go out."""

    def __init__(self):
        self.sent = []
        self.error = None

    def send(self, messages, callers=None):
        if self.error:
            raise self.error
        self.sent += messages

    def close(self):
        pass


def shop(catalogue=DEFAULT, **options):
    service = OrderService(["127.0.0.1:9"], clock=ManualClock(NOW), catalogue=catalogue, **options)
    service.sender = Outbox()
    return service


def decoded(message):
    """As each reader of its topic has it."""
    value = m.encode(message)
    assert len(value) < BROKER_LIMIT
    return CODECS[ROUTES[type(message)].topic].decode(value)


# --- numbers and texts of pandas


TWO = [2, np.int64(2), np.uint8(2), pd.DataFrame({"q": [2]}).loc[0, "q"], np.array(2)]


@pytest.mark.parametrize("quantity", TWO, ids=lambda value: type(value).__name__)
def test_a_whole_number_of_any_kind_is_a_quantity(quantity):
    service = shop()
    service.create_order("ann", [{"product_id": "MOUSE-001", "quantity": quantity}])
    for message in service.sender.sent:
        assert decoded(message) == message
    assert service.sender.sent[0].lines[0].quantity == 2


@pytest.mark.parametrize("quantity", [True, np.True_, 2.0, np.float64(2), math.nan, pd.NA, "2", None, np.array([2, 3])])
def test_what_is_no_whole_number_is_refused(quantity):
    with pytest.raises(ValueError, match=r"item 1 \(MOUSE-001\): quantity is .*a whole number from 1"):
        shop().create_order("ann", [{"product_id": "MOUSE-001", "quantity": quantity}])


@pytest.mark.parametrize("price", [np.float64(9.99), np.float32(9.99), Decimal("9.99"), "9.99", 9.99])
def test_a_price_of_any_kind_is_exact(price):
    service = shop()
    service.create_order("ann", [{"product_id": "MOUSE-001", "quantity": 1, "price": price}])
    assert service.sender.sent[0].total == Decimal("9.99")


@pytest.mark.parametrize("price", [math.nan, np.nan, math.inf, pd.NA, np.True_, -1, "-0.01", "nan", object()])
def test_what_is_no_price_is_refused(price):
    with pytest.raises(ValueError, match=r"item 1 \(MOUSE-001\): price is"):
        shop().create_order("ann", [{"product_id": "MOUSE-001", "quantity": 1, "price": price}])


def test_texts_of_numpy_are_texts():
    service = shop()
    item = {"product_id": np.str_("MOUSE-001"), "quantity": 1}
    service.create_order(np.str_("ann"), [item], order_id=np.str_("O-1"))
    for message in service.sender.sent:
        assert decoded(message) == message


def test_a_restock_takes_numbers_of_numpy():
    (command,) = restocks("monday", {np.str_("MOUSE-001"): np.int64(3)}, DEFAULT, ManualClock(NOW))
    assert decoded(command) == command
    assert command.items == (m.Item("MOUSE-001", 3),)


@pytest.mark.parametrize("restock_id", ["", " ", "x" * 100, "a\nb"])
def test_a_restock_id_that_no_message_can_hold_is_refused(restock_id):
    with pytest.raises(ValueError, match="restock_id is"):
        restocks(restock_id, {"MOUSE-001": 1}, DEFAULT, ManualClock(NOW))


def test_a_product_takes_what_pandas_has():
    row = pd.DataFrame({"id": ["P"], "price": [2.5], "opening": [7]}).loc[0]
    product = Product(np.str_(row["id"]), "P", row["price"], "WH", row["opening"])
    assert (type(product.product_id), product.price, type(product.opening)) == (str, Decimal("2.5"), int)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *(("product_id", wrong) for wrong in ("", "x" * 101, "a\x00b", "\ud800", None, 7)),
        *(("warehouse_id", wrong) for wrong in ("", " WH", None)),
        *(("price", wrong) for wrong in (-1, math.nan, "x", 1e9)),
        *(("opening", wrong) for wrong in (-1, 1.5, math.nan, True, 2_000_000_000)),
        *(("name", wrong) for wrong in (None, pd.NA, math.nan, 7, b"P", "\ud800")),
    ],
)
def test_a_product_that_no_message_can_hold_is_refused(field, wrong):
    right = {"product_id": "P", "name": "P", "price": Decimal(1), "warehouse_id": "WH", "opening": 1}
    with pytest.raises(ValueError, match=field):
        Product(**right | {field: wrong})


@pytest.mark.parametrize("warehouse_id", ["W/B", "/", "W/"])
def test_a_warehouse_whose_name_could_be_taken_for_a_part_of_an_order_id_is_refused(warehouse_id):
    with pytest.raises(ValueError, match=rf"^P: warehouse_id is '{warehouse_id}': a name without '/' is needed"):
        Product("P", "P", Decimal(1), warehouse_id, 1)


PEN = Product("P", "Pen", Decimal(1), "WH", 1)


@pytest.mark.parametrize("other", [PEN, Product("P", "Pencil", Decimal(2), "WH", 1)])
def test_two_products_of_one_id_are_refused(other):
    with pytest.raises(ValueError, match=r"^two products have the id 'P'"):
        Catalogue([PEN, other])


@pytest.mark.parametrize("products", [{"P": PEN}, "P", PEN, None, 7])
def test_what_is_no_list_of_products_is_no_catalogue(products):
    with pytest.raises(ValueError, match=r"^products is .*: a list of Products is needed"):
        Catalogue(products)


@pytest.mark.parametrize("product", ["P", None, {"product_id": "P"}])
def test_a_catalogue_has_nothing_but_products(product):
    with pytest.raises(ValueError, match=r"^product 2 is .*: a Product is needed"):
        Catalogue([PEN, product])


@pytest.mark.parametrize(
    "change",
    [
        lambda catalogue: catalogue.update({"B": "x"}),
        lambda catalogue: catalogue.setdefault("B", "x"),
        lambda catalogue: operator.setitem(catalogue, "B", "x"),
        lambda catalogue: operator.ior(catalogue, {"B": "x"}),
    ],
    ids=["update", "setdefault", "item", "union"],
)
def test_a_catalogue_never_changes(change):
    catalogue = Catalogue([PEN])
    with pytest.raises((AttributeError, TypeError)):
        change(catalogue)
    assert dict(catalogue) == {"P": PEN}


@pytest.mark.parametrize("currency", ["euro", "£", "eur", "EUR\n", "", None, 978, "ÄÖÜ"])
def test_a_currency_that_no_message_can_hold_is_refused(currency):
    with pytest.raises(ValueError, match=r"currency is .*three capital letters"):
        Catalogue(DEFAULT.values(), currency=currency)


def test_texts_of_numpy_name_a_currency_and_a_product():
    product = Product("P", np.str_("Pen"), 1, "WH", 1)
    catalogue = Catalogue([product], currency=np.str_("CHF"))
    assert (type(product.name), type(catalogue.currency)) == (str, str)
    service = shop(catalogue)
    service.create_order("ann", [{"product_id": "P", "quantity": 1}])
    assert decoded(service.sender.sent[0]).currency == "CHF"


@pytest.mark.parametrize("field", ["quantity", "price", "discount"])
@pytest.mark.parametrize("number", [HUGE, -HUGE, Fraction(HUGE, 3)], ids=["huge", "less than nothing", "fraction"])
def test_a_number_with_more_digits_than_python_writes_is_refused_in_a_sentence_about_it(field, number):
    item = {"product_id": "MOUSE-001", "quantity": 1} | {field: number}
    with pytest.raises(ValueError, match=rf"^item 1 \(MOUSE-001\): {field} is "):
        shop().create_order("ann", [item])


@pytest.mark.parametrize("units", [[("MOUSE-001", 1)], "MOUSE-001", None, 3])
def test_a_restock_that_is_no_dict_is_refused(units):
    with pytest.raises(ValueError, match=r"units is .*{'MOUSE-001': 1}"):
        restocks("monday", units, DEFAULT, ManualClock(NOW))


def test_a_restock_takes_a_series_of_pandas():
    (command,) = restocks("monday", pd.Series({"MOUSE-001": 3}), DEFAULT, ManualClock(NOW))
    assert command.items == (m.Item("MOUSE-001", 3),)


def test_an_opening_stock_of_more_digits_than_python_writes_is_refused_in_a_sentence_about_it():
    with pytest.raises(ValueError, match=r"^P: opening is "):
        Product("P", "P", Decimal(1), "WH", HUGE)


def test_a_restock_of_more_digits_than_python_writes_is_refused_in_a_sentence_about_it():
    with pytest.raises(ValueError, match="MOUSE-001: quantity is "):
        restocks("monday", {"MOUSE-001": HUGE}, DEFAULT, ManualClock(NOW))


# --- requests


ONE = {"customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 1}]}


@pytest.mark.parametrize(
    ("requests", "sentence"),
    [
        ([ONE, {"customer": "bob", "items": ONE["items"]}], "order 2: unknown key 'customer': customer_id, items, "),
        ([ONE, {7: 1}], "order 2: unknown key 7: customer_id, items, "),
        ([ONE, {"customer_id": "bob"}], "order 2: 'items' is missing"),
        ([{"items": ONE["items"]}], "order 1: 'customer_id' is missing"),
        (["ann"], "order 1 is 'ann': a dict with 'customer_id' and 'items' is needed"),
        ([ONE, None], "order 2 is None: a dict with"),
        (pd.DataFrame([ONE]), "order 1 is 'customer_id': a dict with"),
        (ONE, "a list of dicts, each with 'customer_id' and 'items' is needed"),
        ("ann", "requests is 'ann': a list of dicts"),
        (None, "requests is None: a list of dicts"),
        (5, "requests is 5: a list of dicts"),
        ([ONE | {"traceparent": 5}], "order 1: traceparent is 5: a text is needed"),
    ],
)
def test_a_request_that_is_none_is_named_and_nothing_is_sent(requests, sentence):
    service = shop()
    with pytest.raises(ValueError, match=re.escape(sentence)):
        service.create_orders(requests)
    assert service.sender.sent == []


def broken_off(error):
    yield ONE | {"order_id": "PH"}
    raise error


@pytest.mark.parametrize(
    ("requests", "error"),
    [
        ([ONE | {"order_id": "PH"}, {"customer": "bob", "items": []}], ValueError),
        (broken_off(ZeroDivisionError()), ZeroDivisionError),
        (broken_off(KeyboardInterrupt()), KeyboardInterrupt),
    ],
    ids=["wrong key", "a caller's bug", "Ctrl-C"],
)
def test_whatever_ends_a_call_before_anything_is_sent_leaves_its_ids_free(requests, error):
    service = shop()
    with pytest.raises(error):
        service.create_orders(requests)
    assert not service.has_placed("PH")
    assert service.create_order("bob", LAPTOP, order_id="PH") == "PH"


# --- times


@pytest.mark.parametrize(
    "at",
    [
        NOW - timedelta(days=400),
        NOW.astimezone(timezone(timedelta(hours=5, minutes=30))),
        pd.Timestamp(NOW),
        pd.Timestamp("2026-02-28 13:00", tz="Europe/Berlin"),
        datetime(1970, 1, 1, tzinfo=UTC),
    ],
)
def test_an_aware_time_is_an_event_time(at):
    service = shop()
    service.create_orders([{"customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 1}], "at": at}])
    assert {message.at for message in service.sender.sent} == {at}
    assert {type(message.at) for message in service.sender.sent} == {datetime}
    for message in service.sender.sent:
        assert decoded(message) == message


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 1, 12),
        "2026-03-01T12:00:00Z",
        0,
        False,
        1.5,
        pd.NaT,
        pd.Timestamp("2026-03-01"),
        datetime(1969, 12, 31, tzinfo=UTC),
        NOW + timedelta(days=2),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
    ],
)
def test_any_other_time_is_refused_before_anything_is_sent(at):
    service = shop()
    request = {"customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 1}], "at": at}
    with pytest.raises(ValueError, match=r"^at is "):
        service.create_orders([request])
    assert service.sender.sent == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: shop(deadline=30),
        lambda: AnalyticsService(["127.0.0.1:9"], allowed_lateness=60),
        lambda: AnalyticsService(["127.0.0.1:9"], idle_after=15),
    ],
)
def test_a_number_is_no_span_of_time(make):
    with pytest.raises(ValueError, match=r"is (30|60|15): "):
        make()


@pytest.mark.parametrize("deadline", [timedelta.max, timedelta.min, timedelta(days=400)])
def test_a_deadline_that_no_date_can_hold_is_refused_at_once(deadline):
    with pytest.raises(ValueError, match=r"deadline is .*: at most 365 days"):
        shop(deadline=deadline)


# --- whatever is accepted can be read


def test_more_of_a_product_than_a_warehouse_can_be_asked_for_is_refused():
    items = [{"product_id": "MOUSE-001", "quantity": 1_000_000, "price": 0}] * 1_001
    with pytest.raises(ValueError, match=r"1,001,000,000 of MOUSE-001 in all lines: at most 1,000,000,000"):
        shop().create_order("ann", items)


def test_more_money_than_a_sum_can_hold_is_refused():
    items = [{"product_id": "MOUSE-001", "quantity": 1_000_000, "price": 1_000_000}] * 101
    with pytest.raises(ValueError, match="total is"):
        shop().create_order("ann", items)


def test_the_largest_order_fits_into_a_record():
    products = [Product(f"{n:04d}" + "😀" * 96, "P", Decimal("999999.9999"), "😀" * 100, 1) for n in range(1_500)]
    service = shop(Catalogue(products))
    items = [{"product_id": product.product_id, "quantity": 60} for product in products]
    service.create_order("a" * 60, items, order_id='"' * 100)
    for message in service.sender.sent:
        assert decoded(message) == message


NAMES = (
    st.sampled_from(["ann", "O-1", "株式会社山田太郎商店", "Александра Иванова"])
    | st.text(min_size=1, max_size=100)
    | st.sampled_from(["😀" * 100, np.str_("bob"), "\ud800", "\x00", None])
)
CURRENCIES = st.sampled_from(["EUR", "CHF", np.str_("USD"), "euro", "£", "eur", None])
PRICES = st.just(1) | st.decimals(0, 1_000_000, places=4) | st.floats() | st.integers()
PRODUCTS = st.fixed_dictionaries(
    {"name": NAMES, "price": PRICES, "warehouse_id": NAMES, "opening": st.integers(0, 10**9)}
)
BASKETS = st.lists(
    st.fixed_dictionaries({"quantity": st.integers(1, 1_000_000) | st.integers()}, optional={"price": PRICES}),
    min_size=1,
    max_size=5,
)
TIMES = st.none() | st.datetimes(timezones=st.timezones()) | st.datetimes()


@given(NAMES, CURRENCIES, PRODUCTS, NAMES, NAMES, BASKETS, TIMES)
@example("P", "euro", {"name": "P", "price": 1, "warehouse_id": "W", "opening": 1}, "ann", "O", [{"quantity": 1}], None)
@example("P", "EUR", {"name": None, "price": 1, "warehouse_id": "W", "opening": 1}, "ann", "O", [{"quantity": 1}], None)
@example(
    "P", "EUR", {"name": "P", "price": 1, "warehouse_id": "W", "opening": 1}, "a", "😀" * 100, [{"quantity": 1}], None
)
def test_what_passes_the_clients_check_is_decoded_by_every_reader(
    product_id, currency, product, customer, order_id, basket, at
):
    try:
        service = shop(Catalogue([Product(product_id, **product)], currency))
    except ValueError:
        return
    items = [{"product_id": product_id} | item for item in basket]
    try:
        service.create_orders([{"customer_id": customer, "items": items, "order_id": order_id, "at": at}])
    except ValueError:
        assert service.sender.sent == []
        return
    created, *reserves = service.sender.sent
    for message in (created, *reserves, *restocks("opening", {product_id: 1}, service.catalogue, service.clock)):
        assert decoded(message) == message
    for item in service.catalogue.values():
        assert ProductRow(item).quantity.description == item.name
    order = evolve(None, created)
    (end,) = decide(order, Confirm())
    assert decoded(end) == end
    told = told_of(order)
    assert decoded(told) == told
    mail = compose(mail_for(told))
    assert mail["To"].isascii()
    assert max(map(len, mail.as_bytes(policy=SMTP).split(b"\r\n"))) <= LONGEST_LINE


def told_of(order: Order):
    return m.SendNotification(
        notification_id=f"{order.order_id}-{m.Kind.ORDER_CONFIRMED}", order_id=order.order_id, at=order.at,
        customer_id=order.customer_id, kind=m.Kind.ORDER_CONFIRMED, total=order.total,
    )  # fmt: skip


# --- ids


MOUSE, LAPTOP = [{"product_id": "MOUSE-001", "quantity": 1}], [{"product_id": "LAPTOP-001", "quantity": 1}]


def test_a_number_that_a_client_has_used_by_hand_is_not_given_again():
    service = shop(numbers=OrderNumbers())
    service.create_order("ann", MOUSE, order_id="ORD-0002")
    assert [service.create_order("bob", LAPTOP) for _ in range(2)] == ["ORD-0001", "ORD-0003"]


def test_a_number_used_by_hand_is_not_given_again_when_its_content_is_long_forgotten():
    service, far = shop(numbers=OrderNumbers()), MAX_IDS + 20
    service.create_order("bob", LAPTOP, order_id=f"ORD-{far}")
    given = [order_id for _ in range(far // 10) for order_id in service.create_orders([ONE] * 10)]
    assert f"ORD-{far}" not in given
    assert len(set(given)) == len(given)
    assert given[-1] == f"ORD-{far + 1}"


def test_a_number_used_by_hand_in_the_same_call_is_not_given_again():
    service = shop(numbers=OrderNumbers())
    assert service.create_orders([ONE | {"order_id": "ORD-0001"}, ONE]) == ["ORD-0001", "ORD-0002"]


def test_a_number_that_another_client_has_used_is_not_given_again():
    service = shop(numbers=OrderNumbers())
    other = m.OrderCreated(
        order_id="ORD-0001", customer_id="zed", lines=(m.Line(product_id="P", quantity=1, price=Decimal(1)),),
        total=Decimal(1), warehouses=("WH",), deadline=NOW + timedelta(seconds=30), at=NOW,
    )  # fmt: skip
    service.handle(Record("orders.events", 0, 0, b"ORD-0001", b"{}", (), 0, other), State())
    assert service.create_order("ann", LAPTOP) == "ORD-0002"


def test_more_numbers_used_by_hand_than_are_remembered_are_passed_over_at_once():
    numbers = OrderNumbers()
    for number in range(2, MAX_AHEAD + 3):
        numbers.use(f"ORD-{number:04d}")
    assert numbers.new() == f"ORD-{MAX_AHEAD + 3}"


def test_the_same_order_may_be_sent_again_under_its_id():
    service = shop()
    assert {service.create_order("ann", MOUSE, order_id="O-1") for _ in range(2)} == {"O-1"}


@pytest.mark.parametrize(("customer", "items"), [("ann", LAPTOP), ("bob", MOUSE)])
def test_another_order_under_the_same_id_is_refused(customer, items):
    service = shop()
    service.create_order("ann", MOUSE, order_id="O-1")
    sent = list(service.sender.sent)
    with pytest.raises(ValueError, match="order_id 'O-1' belongs to another order already"):
        service.create_order(customer, items, order_id="O-1")
    assert service.sender.sent == sent


def test_two_orders_of_one_id_in_one_call_are_refused_and_neither_is_sent():
    service = shop()
    requests = [{"customer_id": "ann", "items": items, "order_id": "O-1"} for items in (MOUSE, LAPTOP)]
    with pytest.raises(ValueError, match="another order already"):
        service.create_orders(requests)
    assert service.sender.sent == []
    assert service.create_orders(requests[1:]) == ["O-1"]


def test_an_order_that_was_not_sent_does_not_take_its_id():
    service = shop()
    service.sender.error = ConnectionError("no Kafka answers")
    with pytest.raises(ConnectionError):
        service.create_order("ann", MOUSE, order_id="O-1")
    service.sender.error = None
    assert service.create_order("bob", LAPTOP, order_id="O-1") == "O-1"


def test_only_the_newest_orders_are_remembered():
    placed = Placed()
    for number in range(MAX_IDS + 1):
        placed.add(f"O-{number}", "content")
    assert "O-0" not in placed
    assert f"O-{MAX_IDS}" in placed
    placed.recall(f"older-{number}" for number in range(MAX_IDS))
    assert "older-0" not in placed
    assert f"O-{MAX_IDS}" in placed


class Log:
    """What other clients have placed: a repeated id is looked up, a new one is not."""

    def __init__(self, *orders):
        self.orders = {order.order_id: content_of(order) for order in orders}

    def newest(self, count):
        return list(self.orders)[-count:]

    def contents(self, order_ids):
        assert self.orders.keys() >= set(order_ids)
        return {order_id: self.orders[order_id] for order_id in order_ids}


def test_an_order_of_the_log_is_not_sent_again_however_often_it_is_repeated():
    first, second = shop(), shop()
    first.create_order("ann", MOUSE, order_id="O-1")
    log = Log(first.sender.sent[0])
    second.earlier = lambda: log
    with pytest.raises(OtherOrderError, match="order_id 'O-1' belongs to another order already"):
        second.create_order("ann", LAPTOP, order_id="O-1")
    for _ in range(2):
        assert second.create_order("ann", MOUSE, order_id="O-1") == "O-1"
    assert second.sender.sent == []
    requests = [{"customer_id": "ann", "items": MOUSE, "order_id": order_id} for order_id in ("O-1", "O-2")]
    assert second.create_orders(requests) == ["O-1", "O-2"]
    assert {message.order_id for message in second.sender.sent} == {"O-2"}


# --- customers who have to be told


@pytest.mark.parametrize("customer", ["株式会社山田太郎商店", "Александра Иванова", "ZOË MÜLLER-LÜDENSCHEIDT-ÅÄÖ"])
def test_a_customer_of_any_script_has_an_address(customer):
    local, _, domain = address(customer).partition("@")
    assert (domain, local.isascii(), len(local) <= 64) == ("customers.example", True, True)


def test_a_customer_who_could_never_be_told_is_refused_before_paying():
    service = shop()
    with pytest.raises(ValueError, match="has no mail address"):
        service.create_order("x" * 65, MOUSE)
    assert service.sender.sent == []


@given(st.text("ab%-.ß株é", min_size=40, max_size=60), st.text("ab%-.ß株é", min_size=40, max_size=60))
def test_long_names_never_share_an_address(one, other):
    try:
        assert (address(one) == address(other)) is (one == other)
    except ValueError as error:
        assert "no mail address" in str(error)  # noqa: PT017 - the other outcome is as good
