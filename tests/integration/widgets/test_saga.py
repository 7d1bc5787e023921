"""The saga view without a browser: it grows with the order's records, and steps through them."""

from collections.abc import Iterator

import pytest

from ecomkafka.shop import Shop
from ecomkafka.widgets import SagaView
from tests.waiting import eventually


@pytest.fixture
def view(shop: Shop) -> Iterator[SagaView]:
    view = SagaView(shop)
    yield view
    view.close()


def labels(view: SagaView) -> str:
    return " ".join(label for label, _ in view.record.options)


def test_the_swimlane_grows_with_the_order_and_follows_its_newest_record(shop: Shop, view: SagaView) -> None:
    shop.inventory_service.stop()
    order_id = shop.order("ann", {"MOUSE-001": 1})
    view.order.value = order_id
    eventually(lambda: "RESERVE" in labels(view), "the order's first records")
    few = len(view.record.options)
    assert "RESERVED" not in view.picture.value
    shop.inventory_service.start()
    eventually(lambda: "NOTIFICATION_SENT" in labels(view), "its last record")
    eventually(lambda: "notification writes NOTIFICATION_SENT" in view.picture.value, "the grown picture")
    assert view.record.value == len(view.record.options) > few


def test_a_step_back_shows_less_and_what_is_in_that_record(shop: Shop, view: SagaView) -> None:
    shop.wait(shop.order("bob", {"MOUSE-001": 1}, order_id="B-1"))
    view.order.value = "B-1"
    eventually(lambda: "Swim-lane of B-1, 9 records" in view.picture.value, "the whole story")
    view.record.value = 1
    eventually(lambda: "B-1, 1 records" in view.picture.value, "a picture of one record")
    eventually(lambda: "ORDER_CREATED" in view.details.value, "what is in that record")
    assert "&quot;customer_id&quot;: &quot;bob&quot;" in view.details.value
    assert "header correlation" in view.details.value
    view.back.click()
    assert view.record.value == 1
    view.forward.click()
    eventually(lambda: "B-1, 2 records" in view.picture.value, "a picture of two records")


def test_an_unknown_order_is_told_at_the_field(view: SagaView) -> None:
    view.order.value = "<nobody>"
    eventually(lambda: "none of the last orders" in view.order_error.value, "the error at the field")
    assert "<nobody>" not in view.order_error.value
