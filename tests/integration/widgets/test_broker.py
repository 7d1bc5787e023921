"""The control room's reach: a broker only if it is the shop's own, services only if they are threads."""

import pytest

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.shop import Shop
from ecomkafka.widgets import ShopFloor
from ecomkafka.widgets.panels.control_broker import RUNS, state
from ecomkafka.widgets.panels.control_room import ControlRoom
from tests.waiting import eventually

MOUSE = {"MOUSE-001": 1}


def test_a_broker_of_its_own_is_frozen_killed_and_started_again() -> None:
    with Broker() as broker:
        with Shop(Cluster.of(broker.bootstrap, "mine"), mail=False) as shop:
            room = ControlRoom(shop, broker)
            controls = room.broker
            eventually(lambda: "?" not in room.services.value, "the first lags")
            controls.pause.click()
            eventually(lambda: "⏸️ frozen" in controls.nodes.value, controls.nodes.value)
            eventually(lambda: "Not up to date" in room.status.value, room.status.value)
            controls.resume.click()
            eventually(lambda: "✅ runs" in controls.nodes.value, controls.nodes.value)
            eventually(lambda: "Up to date again" in room.status.value, room.status.value)
            controls.kill.click()
            eventually(lambda: "💥 dead" in controls.nodes.value, controls.nodes.value)
            controls.restart.click()
            eventually(lambda: "there again" in controls.status.value, controls.status.value)
            assert shop.wait(shop.order("ann", MOUSE), 30) == "CONFIRMED"
            controls.pause.click()
            eventually(lambda: "⏸️ frozen" in controls.nodes.value, controls.nodes.value)
        assert [state(node) for node in broker.nodes] == [RUNS]


def test_every_panel_says_that_kafka_does_not_answer_and_that_it_does_again() -> None:
    """By what each has said: a click or a check of its own may have the last word in a status line."""
    with Broker() as broker, Shop(Cluster.of(broker.bootstrap, "mine"), mail=False) as shop:
        floor = ShopFloor(shop, broker)
        said: dict[str, list[str]] = {panel.title: [] for panel in floor.panels}
        for panel in floor.panels:
            panel.status.observe(lambda change, said=said[panel.title]: said.append(change["new"]), "value")

        def all_say(sentence: str) -> bool:
            return all(any(sentence in told for told in sentences) for sentences in said.values())

        eventually(lambda: len(floor.desk.feed.available()) == len(shop.catalogue), "the opening stock")
        floor.control.broker.pause.click()
        eventually(lambda: all_say("Not up to date"), f"that all say so: {said}")
        assert "Not up to date: Kafka does not answer" in said["Order desk"][-1]
        assert "is frozen" in floor.control.broker.status.value
        floor.control.broker.resume.click()
        eventually(lambda: all_say("Up to date again"), f"that all say so: {said}")


def test_a_shared_broker_can_t_be_stopped_and_the_panel_says_why(shop: Shop) -> None:
    room = ControlRoom(shop)
    assert "would stop others" in room.broker.status.value
    assert all(button.disabled for button in (room.broker.pause, room.broker.kill, room.broker.restart))
    room.close()


def test_a_broker_that_is_not_the_shop_s_is_refused(broker: Broker) -> None:
    elsewhere = Shop(Cluster.of("127.0.0.1:1", "elsewhere"), mail=False)
    with pytest.raises(ValueError, match="give the one that it uses"):
        ControlRoom(elsewhere, broker)
    elsewhere.stop()


def test_services_that_are_processes_are_out_of_reach_and_orders_flow_all_the_same(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Shop(processes=True, mail=False) as shop:
        room = ControlRoom(shop)
        assert "inventory-0 running" in room.services.value
        controls = room.instance, room.crash, room.restart, room.add, room.remove, room.outside.declines.field
        assert all(control.disabled for control in controls)
        room.outside.rate.value = 20
        eventually(lambda: len(shop.orders()) >= 10, "orders in the read model")
        room.outside.rate.value = 0
        shop.settle(60)
