"""What v1 wrote and today's readers need otherwise: read from v1's own bytes, for every step."""

import json
from decimal import Decimal

import pytest

from ecomkafka.contracts.codec import UndecodableError
from ecomkafka.contracts.upcasting import UPCASTS
from ecomkafka.domain.order import Place, decide
from ecomkafka.domain.sales import sales
from ecomkafka.flow import CODECS, ROUTES
from ecomkafka.messages import (
    MESSAGES,
    Line,
    NotificationFailed,
    OrderConfirmed,
    OrderCreated,
    RollbackRequested,
    encode,
)

AT = "2026-01-02T03:04:05Z"
V1 = {
    "NOTIFICATION_FAILED": {"notification_id": "N-1", "order_id": "O-1", "attempts": 3, "error": "451 later"},
}
"""By type, a message as the version before the step wrote it."""

TOPICS = {kind.__struct_config__.tag: ROUTES[kind].topic for kind in MESSAGES}


def read(kind: str, fields: dict[str, object]) -> object:
    return CODECS[TOPICS[kind]].decode(json.dumps({"type": kind, "at": AT} | fields).encode())


@pytest.mark.parametrize("step", UPCASTS, ids=lambda step: step.type)
def test_every_step_makes_an_old_message_readable(step) -> None:
    message = read(step.type, V1[step.type])
    assert json.loads(encode(message)).keys() >= set(step.gives)


def test_a_failed_notification_of_v1_has_its_reason_and_today_writes_both_names() -> None:
    failed = read("NOTIFICATION_FAILED", V1["NOTIFICATION_FAILED"])
    assert isinstance(failed, NotificationFailed)
    assert failed.reason == failed.error == "451 later"
    assert read("NOTIFICATION_FAILED", json.loads(encode(failed))) == failed


@pytest.mark.parametrize("change", [{"error": 7}, {"error": None}, {"attempts": 0}, {"order_id": ""}])
def test_an_old_message_that_was_wrong_stays_wrong_and_the_first_error_is_told(change) -> None:
    with pytest.raises(UndecodableError, match="allowed: NOTIFICATION_SENT, NOTIFICATION_FAILED"):
        read("NOTIFICATION_FAILED", V1["NOTIFICATION_FAILED"] | change)


LINE = {"product_id": "P", "quantity": 2, "price": "10"}
CREATED = {
    "order_id": "O-1", "customer_id": "ann", "total": "20", "lines": [LINE], "warehouses": ["WH"], "deadline": AT,
}  # fmt: skip


def test_orders_of_v1_have_the_defaults_and_a_default_is_not_written() -> None:
    created = read("ORDER_CREATED", CREATED)
    assert isinstance(created, OrderCreated)
    assert (created.currency, created.lines[0].discount) == ("EUR", 0)
    assert json.loads(encode(created)) == {"type": "ORDER_CREATED", "at": AT} | CREATED
    request = read("ROLLBACK_REQUESTED", {"order_id": "O-1"})
    assert isinstance(request, RollbackRequested)
    assert request.reason == "ROLLED_BACK"


def test_a_discount_is_in_the_total_and_in_the_sales() -> None:
    created = read("ORDER_CREATED", CREATED | {"lines": [LINE | {"discount": "2.50"}], "currency": "GBP"})
    assert isinstance(created, OrderCreated)
    assert created.currency == "GBP"
    place = Place(
        order_id="O-1", customer_id="ann", lines=(*created.lines, Line(product_id="Q", quantity=1, price=Decimal(1))),
        warehouses=("WH",), at=created.at, deadline=created.deadline, currency="GBP",
    )  # fmt: skip
    (event,) = decide(None, place)
    assert isinstance(event, OrderCreated)
    assert (event.total, event.currency) == (Decimal("18.50"), "GBP")
    confirmed = OrderConfirmed(order_id="O-1", total=event.total, at=event.at)
    sold = sales([event, confirmed]).best_sellers
    assert {each.product_id: each.revenue for each in sold} == {"P": Decimal("17.50"), "Q": 1}


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R", 978])
def test_a_currency_is_three_letters(currency) -> None:
    with pytest.raises(UndecodableError, match="currency"):
        read("ORDER_CREATED", CREATED | {"currency": currency})
