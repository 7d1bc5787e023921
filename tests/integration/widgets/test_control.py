"""The control room without a browser: click, then see what becomes of the shop; it is on a real Kafka."""

import re
import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from ecomkafka.broker import Broker
from ecomkafka.catalogue import Catalogue, Product
from ecomkafka.clients.groups import group_of, memberships
from ecomkafka.shop import Shop
from ecomkafka.widgets.panels.control_room import ControlRoom
from tests.waiting import PATIENCE, eventually

MOUSE = {"MOUSE-001": 1}


@pytest.fixture(scope="module")
def shop(broker: Broker) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        with Shop(retry_delays=(0.1, 0.1)) as running:
            yield running


@pytest.fixture
def room(shop: Shop) -> Iterator[ControlRoom]:
    room = ControlRoom(shop)
    yield room
    room.close()
    for worker in shop.services:  # what a failed test has left is no trouble of the next one
        if worker.status != "running":
            room.staff.restart(worker)


def row(room: ControlRoom, instance: str) -> str:
    """What the table says of one instance."""
    return next((row for row in room.services.value.split("<tr>") if f">{instance}<" in row), "")


def lag(room: ControlRoom, instance: str) -> int | None:
    """None while it is not known. Markers of transactions count as well, so it may be more than the records."""
    shown = re.findall(r">([^<]*)</td>", row(room, instance))[3]
    return None if shown == "?" else int(shown)


def members(shop: Shop, service: str) -> list[str]:
    return [m.rpartition("-")[2] for g in memberships(shop.cluster) if g.group == group_of(service) for m in g.members]


@pytest.mark.parametrize(("service", "point"), [("inventory", "after_produce"), ("notification", "after_effect")])
def test_an_instance_crashes_where_it_was_told_and_after_a_restart_the_order_goes_on(
    shop: Shop, room: ControlRoom, service: str, point: str
) -> None:
    name = f"{service}-0"
    room.instance.value = name
    room.point.value = point
    room.crash.click()
    assert f"{name} dies at {point} with its next record" in room.status.value
    eventually(lambda: f"dies at {point}" in row(room, name), room.services.value)
    order_id = shop.order("ann", MOUSE)
    eventually(lambda: f"💥 crashed {point}" in row(room, name), row(room, name))
    eventually(lambda: (lag(room, name) or 0) >= 1, "the record that waits, as its lag")
    if service == "inventory":
        assert {event.order_id: event.status for event in room.feed.orders(1)} == {order_id: "PENDING"}
    room.crash.click()
    assert "only an instance that runs can crash" in room.status.value
    room.restart.click()
    assert "starts again" in room.status.value
    assert shop.wait(order_id, PATIENCE) == "CONFIRMED"
    eventually(lambda: f"{name} runs again" in room.status.value, room.status.value)
    eventually(lambda: f"{order_id}-ORDER_CONFIRMED" in set(shop.mailbox()["notification_id"]), "the mail")
    eventually(lambda: "✅ running<" in row(room, name) and lag(room, name) == 0, row(room, name))


def test_a_crash_that_has_not_come_yet_is_called_off_by_a_restart(shop: Shop, room: ControlRoom) -> None:
    room.instance.value = "inventory-0"
    room.crash.click()
    room.restart.click()
    eventually(lambda: "runs again" in room.status.value, room.status.value)
    assert shop.wait(shop.order("ann", MOUSE), PATIENCE) == "CONFIRMED"
    assert shop.inventory_service.status == "running"


def test_the_points_offered_are_those_that_the_service_comes_to(room: ControlRoom) -> None:
    room.instance.value = "notification-0"
    room.point.value = "after_commit"
    assert "after_effect" in room.point.options
    room.instance.value = "analytics-0"
    assert "after_effect" not in room.point.options
    assert room.point.value == "after_commit"


def test_an_instance_more_shares_the_work_and_one_less_gives_it_back(shop: Shop, room: ControlRoom) -> None:
    room.instance.value = "inventory-0"
    room.remove.click()
    eventually(lambda: "that one stays" in room.status.value, room.status.value)
    room.add.click()
    eventually(lambda: "inventory-1 is at work" in room.status.value, room.status.value)
    assert len(members(shop, "inventory")) == 2
    eventually(lambda: ">none<" not in row(room, "inventory-1") + row(room, "inventory-0"), room.services.value)
    assert room.instance.value == "inventory-0"
    assert room.instance.options[:3] == ("order-0", "inventory-0", "inventory-1")
    orders = shop.order_service.create_orders({"customer_id": "ann", "items": _one_of_each(shop)} for _ in range(20))
    assert [shop.wait(order_id, PATIENCE) for order_id in orders] == ["CONFIRMED"] * 20
    shop.settle()
    assert shop.invariants()["holds"].all()
    room.remove.click()
    eventually(lambda: "inventory-1 has left" in room.status.value, room.status.value)
    assert len(members(shop, "inventory")) == 1
    eventually(lambda: not row(room, "inventory-1"), "its row is gone")
    assert shop.wait(shop.order("ann", MOUSE), PATIENCE) == "CONFIRMED"


def _one_of_each(shop: Shop) -> list[dict[str, object]]:
    return [{"product_id": product_id, "quantity": 1} for product_id in shop.catalogue]


def test_orders_flow_at_the_rate_of_the_slider_and_stop_at_0(shop: Shop, room: ControlRoom) -> None:
    started = time.monotonic()
    room.outside.rate.slider.value = 50
    assert "50 orders a second" in room.status.value
    eventually(lambda: room.outside.generator.placed >= 60, "orders at random")
    assert room.outside.generator.placed <= 50 * (time.monotonic() - started + 1)
    eventually(lambda: re.match("50 a second, [1-9]", room.outside.rate.told.value), "their number")
    room.outside.rate.value = 0
    assert "No more" in room.status.value
    shop.settle(60)
    before = room.outside.generator.placed
    shop.settle()
    assert room.outside.generator.placed == before
    assert len(shop.orders()) >= before


def test_orders_that_are_not_taken_are_told_beside_the_slider(
    shop: Shop, room: ControlRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shop, "catalogue", Catalogue([Product("GHOST", "ghost", Decimal(1), "WH-ROME", 1)]))
        room.outside.rate.value = 10
        eventually(lambda: "alert" in room.outside.rate.told.value, room.outside.rate.told.value)
        assert "GHOST" in room.outside.rate.told.value
        room.outside.rate.value = 0
    before = room.outside.generator.placed
    room.outside.rate.value = 10
    eventually(lambda: room.outside.generator.placed > before, "orders again")
    eventually(lambda: "alert" not in room.outside.rate.told.value, room.outside.rate.told.value)


@pytest.mark.parametrize("rate", [-1, 501, float("nan"), "5", True])
def test_a_rate_that_is_none_is_refused(room: ControlRoom, rate: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 500"):
        room.outside.generator.rate = rate


def test_payments_are_declined_as_the_slider_says(shop: Shop, room: ControlRoom) -> None:
    room.outside.declines.value = 100
    declined = shop.order("ann", MOUSE)
    assert shop.wait(declined, PATIENCE) == "CANCELLED"
    assert {row.order_id: row.reason for row in shop.read_model.orders()}[declined] == "PAYMENT_DECLINED"
    room.outside.declines.value = 0
    assert shop.wait(shop.order("ann", MOUSE), PATIENCE) == "CONFIRMED"


def test_mails_fail_as_the_slider_says_and_become_dead_letters(shop: Shop, room: ControlRoom) -> None:
    shop.settle()  # the mails of earlier tests would be dead letters too
    room.outside.mail.value = 100
    order_id = shop.order("ann", MOUSE)
    eventually(lambda: order_id in str(list(shop.dead_letters()["notification_id"])), "the dead letter")
    room.outside.mail.value = 0
    assert shop.replay_dead_letters() == 1
    eventually(lambda: f"{order_id}-ORDER_CONFIRMED" in set(shop.mailbox()["notification_id"]), "the mail")


def test_without_a_kernel_the_panel_is_a_page_of_what_it_showed(room: ControlRoom) -> None:
    page = room._repr_mimebundle_()["text/html"]
    assert "inventory-0" in page
    assert "Orders a second: 0" in page
    assert "<p>: " not in page


def test_every_control_has_a_name_and_says_what_it_does(room: ControlRoom) -> None:
    dials = room.outside.mail.field, room.outside.declines.field, room.outside.rate.field
    fields = room.instance, room.point, room.broker.node, *dials
    buttons = room.crash, room.restart, room.add, room.remove
    brokers = room.broker.pause, room.broker.resume, room.broker.kill, room.broker.restart
    for control in (*fields, *buttons, *brokers):
        assert control.description
        assert control.tooltip


def test_all_that_the_control_room_started_ends_with_the_shop(shop: Shop) -> None:
    before = set(threading.enumerate())
    with Shop(mail=False) as other:
        room = ControlRoom(other)
        assert room.outside.mail.field.disabled
        assert "mail=False" in room.outside.mail.told.value
        room.outside.rate.value = 10
        eventually(lambda: room.outside.generator.placed, "a first order")
        room.instance.value = "analytics-0"
        room.add.click()
        eventually(lambda: "analytics-1 is at work" in room.status.value, room.status.value)
        [added] = [worker for worker in room.staff.instances if worker.identity == "analytics-1"]
    assert added.status == "stopped"
    assert room.crash.disabled
    left = {thread for thread in threading.enumerate() if thread.is_alive()} - before
    assert not {thread.name for thread in left if thread.name.startswith(("analytics", "orders-at", "panel"))}
