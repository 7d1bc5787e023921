"""Every record twice, poison, unknown types, giants, events hours early and late: the shop comes to the same end."""

from collections import Counter
from datetime import timedelta

import pytest

from ecomkafka.clients.reader import read
from ecomkafka.clock import ManualClock
from ecomkafka.domain.windows.window import start_of
from ecomkafka.faults.bad_records import POISON, oversized, put, repeat, unknown
from ecomkafka.flow import HOPS, QUARANTINE
from ecomkafka.invariants.check import check
from ecomkafka.invariants.facts import COPY_OF
from ecomkafka.services.order import DEADLINE, OrderService
from ecomkafka.shop import Shop

TOPICS = tuple(dict.fromkeys(topic for hop in HOPS.values() for topic in hop.reads))
"""Every topic that a service reads."""


@pytest.fixture
def shop(broker, monkeypatch):
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Shop(retry_delays=(0.1, 0.2)) as running:
        yield running


def sell(shop):
    """Orders of each kind, one of them by way of the retry topics; returns their ends."""
    orders = {
        shop.order("ann", {"LAPTOP-001": 1, "MOUSE-001": 1}): "CONFIRMED",
        shop.order("declined-7", {"MONITOR-001": 1, "HEADSET-001": 1}): "CANCELLED",
        shop.order("bob", {"LAPTOP-001": 1_000, "MOUSE-001": 1}): "CANCELLED",
    }
    assert {order_id: shop.wait(order_id) for order_id in orders} == orders
    shop.settle()
    shop.notification_service.failure_rate = 1.0
    told_late = shop.order("eve", {"KEYBOARD-001": 2})
    shop.wait(told_late)
    shop.settle()
    shop.notification_service.failure_rate = 0.0
    shop.replay_dead_letters()
    shop.settle()
    return orders | {told_late: "CONFIRMED"}


def broken(shop):
    return {name: found for name, found in check(shop.facts()).items() if found}


def end(shop):
    """What customers and warehouse see."""
    orders = shop.orders().drop(columns="created_at")
    charges = [charge[:4] for charge in shop.ledger.charges()]
    return orders.to_dict("records"), shop.stock().to_dict(), charges, sorted(shop.mailbox()["notification_id"])


def test_every_record_twice_on_every_topic_changes_nothing(shop):
    """Windows count events and not orders, so they count the copies too: they agree with the log all the same."""
    sell(shop)
    assert broken(shop) == {}
    before = end(shop)
    copies = {topic: repeat(shop.cluster, topic) for topic in TOPICS}
    assert all(copies.values()), copies
    shop.settle()
    assert end(shop) == before
    assert broken(shop) == {}
    said = [r for r in read(shop.cluster, "orders.events", "inventory.events") if r.header(COPY_OF) is None]
    assert set(Counter((r.topic, r.message.type, r.key, r.value) for r in said).values()) == {1}
    assert read(shop.cluster, QUARANTINE) == []


def test_bad_bytes_end_in_quarantine_unknown_events_are_skipped_and_orders_go_on(shop):
    bad = (POISON, unknown(), oversized())
    for topic in TOPICS:
        for partition in range(3):
            put(shop.cluster, topic, *bad, partition=partition)
    sell(shop)
    assert broken(shop) == {}
    origins = Counter(record.header("origin").split(":")[0] for record in read(shop.cluster, QUARANTINE))
    readers = Counter(topic for hop in HOPS.values() for topic in hop.reads)
    skipped = Counter(topic for hop in HOPS.values() for topic in hop.may_skip)
    assert origins == {topic: 9 * readers[topic] - 3 * skipped[topic] for topic in TOPICS}
    assert shop.order_service.skipped == {"orders.events ORDER_EATEN": 3}
    assert shop.analytics_service.skipped == {f"{topic} ORDER_EATEN": 3 for topic in HOPS["analytics"].may_skip}


def test_events_hours_early_and_late_are_counted_or_late_or_refused(shop):
    """A wrong clock elsewhere closes no window here: more than a day ahead is refused, and quarantined."""
    shop.wait(shop.order("ann", {"MOUSE-001": 1}))
    now = shop.clock.now()
    for hours in (-5, 3, 30):
        off = timedelta(hours=hours)
        customers = OrderService(shop.cluster, "traveller", clock=ManualClock(now + off), deadline=DEADLINE - off)
        order_id = customers.create_order("ann", [{"product_id": "MOUSE-001", "quantity": 1}])
        customers.stop()
        assert shop.wait(order_id) == "CONFIRMED"
    shop.settle()
    assert broken(shop) == {}
    refused = read(shop.cluster, QUARANTINE)
    assert {record.header("service") for record in refused} == {"analytics"}
    assert len(refused) == 5  # created, reserved, confirmed, deducted, told
    starts = {window.start for window in shop.facts().windows}
    assert start_of(now + timedelta(hours=3)) in starts
    assert start_of(now + timedelta(hours=30)) not in starts
