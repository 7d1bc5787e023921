"""Who corrects a message that was set aside may write what a client may write, and nothing else."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ecomkafka import messages as m
from ecomkafka.domain.order_request import check_written
from ecomkafka.engine.corrected_message import corrected
from ecomkafka.flow import CODECS

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
ORDERS, LETTERS = CODECS["orders.events"], CODECS["notifications.dlq"]
CREATED = m.OrderCreated(
    order_id="O-1", customer_id="ann", lines=(m.Line(product_id="P", quantity=2, price=Decimal("1.50")),),
    total=Decimal(3), warehouses=("WH",), deadline=AT, at=AT,
)  # fmt: skip
TELL = m.SendNotification(
    notification_id="O-1-told", order_id="O-1", customer_id="ann", kind=m.Kind.ORDER_CONFIRMED, total=Decimal(3), at=AT
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def correct(value, codec, fields, whole=None):
    """As at the desks of quarantine and dead letters."""
    message, _, written = corrected(value, codec, fields, whole)
    check_written(message, written, NOW)
    return message


WRONG = [
    ({"customer_id": "Ж" * 90}, r"customer_id 'Ж+.* has no mail address"),
    ({"customer_id": "\x1b[31m"}, r"customer_id is '\\x1b\[31m': 1 to 100 printable characters are allowed"),
    ({"order_id": "a\nb"}, r"order_id is 'a\\nb': 1 to 100 printable characters are allowed"),
    ({"at": "2999-01-01T00:00:00Z"}, "at is 2999-01-01 .*: from 1970 to a day after .* is allowed"),
    ({"at": "1960-01-01T00:00:00Z"}, "at is 1960-01-01 .*: from 1970 to a day after .* is allowed"),
]


@pytest.mark.parametrize(("fields", "sentence"), WRONG)
@pytest.mark.parametrize(("codec", "message"), [(ORDERS, CREATED), (LETTERS, TELL)], ids=["an order", "a letter"])
def test_what_no_client_may_write_is_refused_in_the_same_sentence(codec, message, fields, sentence):
    with pytest.raises(ValueError, match=sentence):
        correct(m.encode(message), codec, fields)
    whole = json.dumps(json.loads(m.encode(message)) | fields)
    with pytest.raises(ValueError, match=sentence):
        correct(None, codec, {}, whole)


@pytest.mark.parametrize(
    "fields", [{"total": "5"}, {"lines": '[{"product_id":"P","quantity":1,"price":"1"}]'}, {"total": "2.9999"}]
)
def test_an_order_costs_what_its_lines_cost(fields):
    with pytest.raises(ValueError, match=r"total is \d.*: its lines add up to"):
        correct(m.encode(CREATED), ORDERS, fields)


def test_total_and_lines_may_be_corrected_together():
    fields = {"total": "8", "lines": '[{"product_id":"P","quantity":4,"price":"2.00"}]'}
    assert correct(m.encode(CREATED), ORDERS, fields).total == Decimal(8)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            {"quantity": 1_000_001, "price": "0"},
            r"item 1 \(P\): quantity is 1000001: a whole number from 1 to 1,000,000",
        ),
        ({"quantity": 1, "price": "1000001"}, r"item 1 \(P\): price is .*: at most 1,000,000 is allowed"),
        ({"quantity": 1, "price": "1", "discount": "2"}, r"item 1 \(P\): discount is .*: at most the line's 1"),
    ],
)
def test_a_line_that_no_client_may_order_is_refused_in_the_same_sentence(line, sentence):
    with pytest.raises(ValueError, match=sentence):
        correct(m.encode(CREATED), ORDERS, {"lines": json.dumps([{"product_id": "P"} | line])})


def test_what_is_not_corrected_is_not_judged():
    """One step at a time: an old order with a strange id gets its customer, and keeps the rest."""
    old = m.encode(CREATED).replace(b'"O-1"', b'"O\\u0007"')
    assert correct(old, ORDERS, {"customer_id": "bob"}).customer_id == "bob"
