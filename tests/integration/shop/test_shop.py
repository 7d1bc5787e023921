"""The whole shop on a real Kafka: orders from the client's call to the customer's mail."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from ecomkafka.clients.reader import read
from ecomkafka.clock import ManualClock
from ecomkafka.gateways.payment import PaymentUnavailable
from ecomkafka.messages import Reason
from ecomkafka.retail.invoices import WEEK
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.notification import NotificationService
from ecomkafka.services.order import OrderService
from ecomkafka.shop import Shop
from ecomkafka.shop.replay import replay
from ecomkafka.shop.trace import COLUMNS
from tests.waiting import eventually

BASKET = {"LAPTOP-001": 2, "MOUSE-001": 1}


@pytest.fixture(scope="module", autouse=True)
def _kafka(broker: Broker) -> Iterator[None]:
    """Every Shop() of this module is on the tests' own broker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        yield


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop(retry_delays=(0.1, 0.3)) as running:
        yield running


class SilentGateway:
    """A payment gateway that never answers."""

    def __init__(self) -> None:
        self.voided: list[str] = []

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        raise PaymentUnavailable("no answer")

    def void(self, order_id: str) -> None:
        self.voided.append(order_id)


def test_an_order_is_confirmed_delivered_and_told(shop):
    before = shop.stock()
    order_id = shop.order("customer-123", BASKET)
    assert shop.wait(order_id) == "CONFIRMED"
    shop.settle()

    sold = before["on hand"] - shop.stock()["on hand"]
    assert dict(sold[sold > 0]) == BASKET
    assert not shop.stock()["reserved"].any()
    assert f"✅ Order {order_id} confirmed" in set(shop.mailbox()["subject"])
    assert shop.invariants()["holds"].all()


def test_the_trace_tells_each_record_and_its_cause(shop):
    order_id = shop.order("ann", BASKET)
    shop.wait(order_id)
    shop.settle()
    trace = shop.trace(order_id)

    assert tuple(trace.columns) == COLUMNS
    assert Counter(trace["type"]) == {
        "ORDER_CREATED": 1, "RESERVE": 2, "RESERVED": 2, "STOCK_RESERVED": 2, "ORDER_CONFIRMED": 1,
        "DEDUCT": 2, "STOCK_DEDUCTED": 2, "SEND_NOTIFICATION": 1, "NOTIFICATION_SENT": 1,
    }  # fmt: skip
    places = trace["topic"] + ":" + trace["partition"].astype(str) + ":" + trace["offset"].astype(str)
    assert set(trace["caused by"]) - {""} <= set(places)
    assert set(trace[trace["caused by"] == ""]["type"]) == {"ORDER_CREATED", "RESERVE"}


def test_a_trace_of_an_unknown_order_says_so(shop):
    with pytest.raises(LookupError, match="'ORD-9999'"):
        shop.trace("ORD-9999")


def test_too_much_is_cancelled_and_changes_no_stock(shop):
    before = shop.stock()
    order_id = shop.order("bob", {"LAPTOP-001": 1000, "MOUSE-001": 1})
    assert shop.wait(order_id) == "CANCELLED"
    shop.settle()

    order = shop.orders().set_index("order_id").loc[order_id]
    assert order["reason"] == "INSUFFICIENT_STOCK"
    assert shop.stock().equals(before)


def test_a_declined_payment_releases_both_warehouses(shop):
    before = shop.stock()
    order_id = shop.order("declined-789", BASKET)
    assert shop.wait(order_id) == "CANCELLED"
    shop.settle()

    assert shop.orders().set_index("order_id").loc[order_id, "reason"] == "PAYMENT_DECLINED"
    assert list(shop.trace(order_id)["type"]).count("STOCK_RELEASED") == 2
    assert shop.stock().equals(before)


def test_mail_that_is_down_goes_to_the_dead_letters_and_comes_back_once(shop):
    shop.notification_service.failure_rate = 1.0
    order_id = shop.order("cleo", {"HEADSET-001": 1})
    assert shop.wait(order_id) == "CONFIRMED"
    shop.settle()
    shop.notification_service.failure_rate = 0.0
    attempts = shop.trace(order_id).query("type == 'SEND_NOTIFICATION'")["topic"]
    assert list(attempts) == [
        "notifications.requests", "notifications.retry.1", "notifications.retry.2", "notifications.dlq",
    ]  # fmt: skip
    assert any(order_id in line and "dead letter" in line for line in shop.log.lines)

    assert shop.replay_dead_letters() == 1
    assert shop.replay_dead_letters() == 0
    shop.settle()
    assert list(shop.mailbox()["notification_id"]).count(f"{order_id}-ORDER_CONFIRMED") == 1
    assert shop.invariants()["holds"].all()


def test_a_client_that_repeats_its_request_gets_one_order(shop):
    for _ in range(3):
        assert shop.order("dora", {"MOUSE-001": 1}, order_id="MY-ORDER-7") == "MY-ORDER-7"
    shop.wait("MY-ORDER-7")
    shop.settle()
    types = list(shop.trace("MY-ORDER-7")["type"])
    assert (types.count("ORDER_CREATED"), types.count("STOCK_RESERVED"), types.count("ORDER_CONFIRMED")) == (3, 1, 1)


@pytest.mark.parametrize(
    ("customer", "items"),
    [
        ("ann", []),
        ("ann", {"NOPE": 1}),
        ("ann", {"LAPTOP-001": 0}),
        ("", BASKET),
        ("ann", [{"product_id": "LAPTOP-001"}]),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(shop, customer, items):
    before = len(read(shop.cluster, "orders.events", "inventory.requests"))
    with pytest.raises(ValueError, match=r"is |has "):
        shop.order(customer, items)
    assert len(read(shop.cluster, "orders.events", "inventory.requests")) == before


def test_one_bad_order_of_many_keeps_all_from_being_sent(shop):
    before = len(read(shop.cluster, "orders.events"))
    good = {"customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 1}]}
    with pytest.raises(ValueError, match="quantity is 0"):
        shop.order_service.create_orders([good, {**good, "items": [{"product_id": "MOUSE-001", "quantity": 0}]}])
    assert len(read(shop.cluster, "orders.events")) == before


def test_orders_wait_for_a_stopped_service_and_go_on_when_it_is_back(shop):
    shop.inventory_service.stop()
    order_id = shop.order("eve", BASKET)
    with pytest.raises(TimeoutError, match=order_id):
        shop.wait(order_id, timeout=0.5)
    shop.inventory_service.start()
    assert shop.wait(order_id) == "CONFIRMED"


def test_a_rollback_cancels_a_pending_order_and_may_be_repeated():
    with Shop() as shop:
        shop.order_service.payment = SilentGateway()
        order_id = shop.order("ann", BASKET)
        eventually(lambda: shop.stock()["reserved"].sum() == 3, "the reservation")
        for _ in range(2):
            shop.inventory_service.handle_rollback_request(order_id, Reason.CUSTOMER_REQUEST)
        assert shop.wait(order_id) == "CANCELLED"
        shop.settle()
        assert shop.orders()["reason"].tolist() == ["CUSTOMER_REQUEST"]
        with pytest.raises(ValueError, match="reason is TIMEOUT: ROLLED_BACK or CUSTOMER_REQUEST is allowed"):
            shop.inventory_service.handle_rollback_request(order_id, Reason.TIMEOUT)
        assert not shop.stock()["reserved"].any()


def test_past_its_deadline_an_order_is_cancelled_and_its_payment_voided():
    clock, gateway = ManualClock(datetime(2026, 1, 5, 9, tzinfo=UTC)), SilentGateway()
    with Shop(clock=clock) as shop:
        shop.order_service.payment = gateway
        order_id = shop.order("ann", BASKET)
        eventually(lambda: shop.stock()["reserved"].sum() == 3, "the reservation")
        eventually(lambda: shop.read_model.status(order_id) == "PENDING", "SQL knows that it waits")
        clock.advance(seconds=31)
        assert shop.wait(order_id) == "CANCELLED"
        shop.settle()
        assert (shop.orders()["reason"].tolist(), gateway.voided) == (["TIMEOUT"], [order_id])
        assert not shop.stock()["reserved"].any()


def test_two_shops_on_one_broker_do_not_see_each_other():
    with Shop() as one, Shop() as other:
        order_id = one.order("ann", {"MOUSE-001": 1})
        assert one.wait(order_id) == "CONFIRMED"
        one.settle()
        assert len(other.orders()) == len(other.mailbox()) == 0
        assert other.stock()["on hand"].sum() == one.stock()["on hand"].sum() + 1


def test_a_closed_shop_takes_its_topics_away(broker):
    with closing(Cluster.of(broker.bootstrap).admin()) as admin:
        with Shop() as shop:
            prefix = f"{shop.cluster.namespace}."
            assert f"{prefix}orders.events" in admin.list_topics()
        eventually(lambda: not [t for t in admin.list_topics() if t.startswith(prefix)], "no topics")


def test_the_calls_of_the_seed_work_as_written(broker):
    """Without a namespace, with a list of addresses, each service on its own."""
    servers = broker.bootstrap.split(",")
    create_topics(Cluster.of(servers))
    inventory_service = InventoryService(servers)
    notification_service = NotificationService(servers)
    order_service = OrderService(servers)
    with inventory_service, notification_service, order_service:
        notification_service.failure_rate = 0.8
        assert notification_service.failure_rate == 0.8
        notification_service.failure_rate = 0.0
        inventory_service.restock("opening", {"LAPTOP-001": 5})
        order_id = order_service.create_order(
            customer_id="customer-123", items=[{"product_id": "LAPTOP-001", "quantity": 2, "price": 999.99}]
        )
        cluster = Cluster.of(servers)
        types = ["ORDER_CREATED", "ORDER_CONFIRMED"]
        eventually(lambda: [r.message.type for r in read(cluster, "orders.events")] == types, "the confirmation")
        inventory_service.handle_rollback_request(order_id)


def test_without_a_broker_a_service_says_so_in_a_sentence():
    service = OrderService(["127.0.0.1:1"])
    with pytest.raises(ConnectionError, match=r"no Kafka answers at 127\.0\.0\.1:1: start one with 'ecomkafka up'"):
        service.create_order("ann", [{"product_id": "MOUSE-001", "quantity": 1}])


def _with_pandas(limit: int | None = None) -> dict[str, object]:
    """The same figures by another way: pandas alone, from the file."""
    rows = pd.read_csv(WEEK, dtype=str, keep_default_na=False)
    quantity = rows["quantity"].map(int)
    price = rows["unit_price"].map(Decimal)
    reasons = {
        "cancellation": rows["invoice"].str.startswith("C"),
        "adjustment": rows["invoice"].str.startswith("A"),
        "quantity": quantity <= 0,
        "price": price <= 0,
    }
    skipped, left = {}, pd.Series(True, index=rows.index)
    for reason, matches in reasons.items():
        skipped[reason] = int((left & matches).sum())
        left &= ~matches
    good = rows[left]
    return {
        "orders": good["invoice"].nunique(),
        "lines": len(good),
        "revenue": sum(q * p for q, p in zip(quantity[left], price[left], strict=True)),
        "skipped": skipped,
    }


def test_a_real_week_through_the_saga_equals_pandas_to_the_penny():
    seen: list[tuple[int, int]] = []
    result = replay(WEEK, progress=lambda done, total: seen.append((done, total)))
    expected = _with_pandas()
    told = result.to_json()

    assert told["orders"] == {"created": expected["orders"], "confirmed": expected["orders"], "cancelled": 0}
    assert told["lines"] == expected["lines"]
    assert Decimal(told["revenue"]["confirmed"]) == expected["revenue"]
    assert (told["revenue"]["pending"], told["revenue"]["lost"]) == ("0", "0")
    assert told["skipped"] == expected["skipped"]
    assert told["notifications"] == {"requested": expected["orders"], "sent": expected["orders"], "dead_lettered": 0}
    assert all(told["invariants"].values()), result.violations
    assert seen[-1] == (expected["orders"], expected["orders"])


def test_with_half_the_stock_some_orders_fail_and_every_invariant_holds():
    result = replay(WEEK, stock_ratio=Decimal("0.5"), limit=60, mail=False)
    orders = result.to_json()["orders"]
    assert orders["created"] == 60 == orders["confirmed"] + orders["cancelled"]
    assert orders["cancelled"] > 0 < orders["confirmed"]
    assert result.holds, result.violations


def test_the_longest_order_id_is_served_like_any_other(shop):
    order_id = "x" * 100
    shop.order("ann", {"MOUSE-001": 1}, order_id=order_id)
    assert shop.wait(order_id) == "CONFIRMED"
    shop.settle()
    assert f"{order_id}-ORDER_CONFIRMED" in set(shop.mailbox()["notification_id"])
