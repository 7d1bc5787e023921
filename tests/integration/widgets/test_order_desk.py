"""The order desk without a browser: click, then see the traits change; the shop is on a real Kafka."""

import threading
from collections.abc import Iterator

import pytest

from ecomkafka.shop import Shop
from ecomkafka.widgets import OrderDesk
from tests.waiting import eventually


@pytest.fixture
def desk(shop: Shop) -> Iterator[OrderDesk]:
    desk = OrderDesk(shop)
    yield desk
    desk.close()


def want(desk: OrderDesk, **units: int) -> None:
    """Quantities by product name."""
    for row in desk.rows:
        row.quantity.value = units.get(row.product.name, 0)


def shown(desk: OrderDesk, *texts: str) -> bool:
    return all(text in desk.orders.value for text in texts)


def test_a_placed_order_is_seen_confirmed_and_its_goods_gone_from_the_shelf(desk: OrderDesk) -> None:
    want(desk, Laptop=2, Mouse=1)
    assert "2029.97" in desk.total.value
    desk.place.click()
    eventually(lambda: shown(desk, "customer-1", "2029.97", "✅ CONFIRMED"), desk.orders.value)
    assert "placed" in desk.status.value
    eventually(lambda: "48 in stock" in desk.rows[0].facts.value, "the stock on the desk")


def test_a_declined_payment_is_seen_as_the_reason(desk: OrderDesk) -> None:
    want(desk, Keyboard=1)
    desk.decline.value = True
    desk.place.click()
    eventually(lambda: shown(desk, "declined-customer-1", "❌ CANCELLED", "PAYMENT_DECLINED"))


def test_a_wrong_field_says_so_at_the_field_and_nothing_is_ordered(desk: OrderDesk, shop: Shop) -> None:
    shop.settle()
    before = len(shop.orders())
    desk.place.click()
    assert "Nothing is in the basket" in desk.basket_error.value
    want(desk, Laptop=-1)
    assert "quantity is -1" in desk.rows[0].error.value
    assert not desk.rows[1].error.value
    desk.place.click()
    want(desk, Laptop=1)
    assert not desk.rows[0].error.value
    desk.customer.value = " "
    assert "customer_id" in desk.customer_error.value
    desk.customer.value = "x" * 80
    assert "has no mail address" in desk.customer_error.value
    desk.place.click()
    desk.place_many.click()
    desk.close()  # what had been taken would be done by now
    shop.settle()
    assert len(shop.orders()) == before


def test_a_hundred_orders_are_one_click_and_the_newest_stand_first(desk: OrderDesk, shop: Shop) -> None:
    before = len(desk.feed.orders(1_000))
    desk.place_many.click()
    eventually(lambda: "100 orders placed" in desk.status.value, desk.status.value)
    eventually(lambda: len(desk.feed.orders(1_000)) == before + 100, "100 more orders in the feed")
    numbers = [row.order_id for row in desk.feed.orders(100)]
    assert numbers == sorted(numbers, reverse=True)


def test_without_a_kernel_the_panel_is_a_page_of_what_it_showed(desk: OrderDesk) -> None:
    desk.customer.value = "<b>eve</b>"
    desk.refresh()
    page = desk._repr_mimebundle_()["text/html"]
    assert "Order desk" in page
    assert "Customer: &lt;b&gt;eve&lt;/b&gt;" in page
    assert "[Place order]" in page


def test_every_control_has_a_name_and_says_what_it_does(desk: OrderDesk) -> None:
    for control in (desk.customer, desk.place, desk.place_many, desk.decline, *(row.quantity for row in desk.rows)):
        assert control.description
        assert control.tooltip


def test_an_error_is_told_in_the_status_line_and_the_panel_goes_on(desk: OrderDesk) -> None:
    desk.act(lambda: str(1 // 0))
    eventually(lambda: "ZeroDivisionError" in desk.status.value, desk.status.value)
    desk.act(lambda: "well again")
    eventually(lambda: "well again" in desk.status.value, desk.status.value)


def test_the_panel_closes_with_its_shop_and_leaves_no_thread(shop: Shop) -> None:
    with Shop(mail=False) as other:
        desk = OrderDesk(other)
        assert {"panels-ticker", "witness", "panel-Order desk"} <= {thread.name for thread in threading.enumerate()}
        ours = desk._worker, desk._shared.ticker._thread, desk.feed.witness._thread
    assert not any(thread is not None and thread.is_alive() for thread in ours)
    assert desk.place.disabled
    assert "closed" in desk.status.value


def test_a_panel_of_a_shop_that_is_not_open_says_what_to_do() -> None:
    closed = Shop(mail=False)
    with pytest.raises(RuntimeError, match=r"not open: start\(\) it first"):
        OrderDesk(closed)
    closed.stop()
