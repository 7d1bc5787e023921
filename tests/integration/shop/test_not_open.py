"""A shop that is not open: it says so at once, in one sentence, and shows what it still has."""

import pytest

from ecomkafka.shop import Shop
from ecomkafka.widgets import MailboxPanel
from tests.selling import BASKET, broken, sells

pytestmark = pytest.mark.usefixtures("on_the_tests_broker")

SENTENCE = "the shop is not open: start() it first"

ON_TOPICS = {
    "stock": Shop.stock,
    "windows": Shop.windows,
    "dead_letters": Shop.dead_letters,
    "replay_dead_letters": Shop.replay_dead_letters,
    "report": Shop.report,
    "trace": lambda shop: shop.trace("ORD-0001"),
    "restock": lambda shop: shop.inventory_service.restock("r", {"MOUSE-001": 1}),
    "roll back": lambda shop: shop.inventory_service.handle_rollback_request("ORD-0001"),
    "create_order": lambda shop: shop.order_service.create_order("ann", [{"product_id": "MOUSE-001", "quantity": 1}]),
}
"""What needs nothing but topics."""

ON_SERVICES = {
    "order": lambda shop: shop.order("ann", BASKET),
    "wait": lambda shop: shop.wait("ORD-0001", 600),
    "settle": lambda shop: shop.settle(600),
    "orders": Shop.orders,
    "facts": Shop.facts,
    "invariants": Shop.invariants,
    "gateway": Shop.gateway,
    "on_close": lambda shop: shop.on_close(list),
    "panel": MailboxPanel,
}


def answers(shop, calls):
    """What each call returns or raises."""
    found = {}
    for name, call in calls.items():
        try:
            found[name] = call(shop)
        except Exception as error:  # noqa: BLE001 - whichever it is, the test compares it
            found[name] = f"{type(error).__name__}: {error}"
    return found


def refused(calls):
    return dict.fromkeys(calls, f"RuntimeError: {SENTENCE}")


@pytest.mark.parametrize("namespace", [None, "nobody-has-opened-it"])
def test_a_shop_that_was_never_started_says_so(namespace):
    shop = Shop(namespace=namespace)
    calls = {**ON_TOPICS, **ON_SERVICES, "log": lambda shop: shop.log}
    assert answers(shop, calls) == refused(calls)
    assert shop.mailbox().empty
    shop.stop()


@pytest.mark.parametrize("processes", [False, True])
def test_a_shop_that_was_stopped_says_so(processes):
    with Shop(processes=processes) as shop:
        sells(shop)
    calls = {**ON_TOPICS, **ON_SERVICES, "ledger": lambda shop: shop.ledger.charges()}
    assert answers(shop, calls) == refused(calls)


@pytest.mark.parametrize("processes", [False, True])
def test_a_shop_that_is_not_open_tells_its_health_all_the_same(processes):
    none = f"no process runs: {SENTENCE}"
    shop = Shop(processes=processes)
    for status in ("new", "stopped"):
        names = ("order", "inventory", "notification", "analytics")
        assert shop.health() == none if processes else "; ".join(f"{name}-0 {status}" for name in names)
        shop.start()
        shop.stop()


def test_a_shop_that_was_stopped_still_shows_its_mails_and_its_log():
    with Shop() as shop:
        sells(shop)
    assert len(shop.mailbox()) == 1
    assert list(shop.log.lines) == []


def test_what_is_on_topics_that_are_kept_can_be_seen_before_a_start_and_after_a_stop(mine):
    with Shop(namespace=mine) as shop:
        order_id = sells(shop)
        seen = shop.stock(), shop.trace(order_id)
    for closed in (shop, Shop(namespace=mine)):
        assert closed.stock().equals(seen[0])
        assert closed.trace(order_id).equals(seen[1])
        assert "confirmed 1" in closed.report()
        assert (len(closed.dead_letters()), closed.replay_dead_letters()) == (0, 0)
        assert closed.windows()["confirmed"].sum() == 1
        assert answers(closed, ON_SERVICES) == refused(ON_SERVICES)
        closed.stop()


@pytest.mark.parametrize("started", [False, True])
def test_what_a_client_has_opened_before_a_start_or_after_a_stop_is_closed_with_the_shop(mine, started):
    with Shop(namespace=mine) as shop:
        sells(shop)
    closed = shop if started else Shop(namespace=mine)
    client = closed.order_service
    client.create_order("bob", [{"product_id": "MOUSE-001", "quantity": 1}])
    assert client.sender._producer is not None
    closed.stop()
    assert client.sender._producer is None


def test_an_order_that_is_placed_at_the_service_of_a_closed_shop_is_done_when_it_opens(mine):
    with Shop(namespace=mine) as shop:
        sells(shop)
    order_id = shop.order_service.create_order("bob", [{"product_id": "MOUSE-001", "quantity": 1}])
    with shop:
        assert shop.wait(order_id) == "CONFIRMED"
        shop.settle()
        assert broken(shop) == {}
