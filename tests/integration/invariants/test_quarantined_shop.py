"""Services with a bug put into quarantine what they could read: the invariants say so, until it is sent again."""

from collections.abc import Callable, Collection, Iterator

import pytest

from ecomkafka.broker import Broker
from ecomkafka.clients.record import Record
from ecomkafka.engine.state import State
from ecomkafka.engine.worker import Worker
from ecomkafka.invariants.check import check
from ecomkafka.services.quarantine import quarantined, replay
from ecomkafka.shop import Shop


@pytest.fixture
def shop(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Shop() as running:
        running.settle()  # the opening stock's events are handled before there is a bug
        yield running


def with_a_bug(monkeypatch: pytest.MonkeyPatch, worker: Worker, *kinds: str) -> Callable[[], None]:
    """It can't handle messages of these types (none named: any), until what is returned is called."""
    handle, bugs = worker.handle, [kinds]

    def buggy(record: Record, state: State) -> Collection[object]:
        if bugs and (not bugs[0] or record.message.type in bugs[0]):
            raise ZeroDivisionError("a bug")
        return handle(record, state)  # type: ignore[return-value]

    monkeypatch.setattr(worker, "handle", buggy)
    return bugs.clear


def broken(shop: Shop) -> dict[str, int]:
    shop.settle()
    return {name: len(found) for name, found in check(shop.facts()).items() if found}


def test_analytics_and_notification_crash_on_all_and_it_is_told_until_it_is_sent_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    repairs = [with_a_bug(monkeypatch, worker) for worker in (shop.analytics_service, shop.notification_service)]
    order_id = shop.order("ann", {"MOUSE-001": 1})
    assert shop.wait(order_id) == "CONFIRMED"
    found = broken(shop)
    assert set(found) == {"every_customer_is_told_once", "windows_equal_the_log", "nothing_is_left_over"}
    assert found["nothing_is_left_over"] == len(quarantined(shop.cluster)) == 5

    for repair in repairs:
        repair()
    assert replay(shop.cluster) == 5
    assert broken(shop) == {}
    assert shop.mailbox()["notification_id"].tolist() == [f"{order_id}-ORDER_CONFIRMED"]


def test_an_end_and_stock_events_that_are_sent_again_are_no_second_ones(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    repair = with_a_bug(monkeypatch, shop.analytics_service, "ORDER_CONFIRMED", "STOCK_RESERVED", "STOCK_DEDUCTED")
    for customer in ("ann", "bob"):
        assert shop.wait(shop.order(customer, {"MOUSE-001": 1})) == "CONFIRMED"
    assert set(broken(shop)) == {"windows_equal_the_log", "nothing_is_left_over"}
    repair()
    assert replay(shop.cluster) == 6
    assert broken(shop) == {}
