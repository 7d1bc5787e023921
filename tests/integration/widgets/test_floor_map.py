"""The map: services, lag, what moves and what is open; a click leads to the panel of the thing."""

from collections.abc import Iterator

import pytest
from kafka import KafkaProducer

from ecomkafka.broker import Broker
from ecomkafka.shop import Shop
from ecomkafka.widgets import FloorMap, ShopFloor
from ecomkafka.widgets.panels.floor_map import BUSY, GREY, QUIET
from tests.waiting import PATIENCE, eventually


@pytest.fixture
def shop(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Shop(mail=False) as running:
        yield running


def test_every_topic_that_a_service_reads_or_writes_is_on_it(shop: Shop) -> None:
    panel = FloorMap(shop)
    assert {"client", "inventory", "order", "notification", "analytics", "read model"} <= set(panel.services)
    assert ("order", "inventory.responses") in panel.reads
    assert ("order", "orders.sagas") in panel.writes
    panel.close()


def test_what_moves_is_blue_and_quiet_again(shop: Shop) -> None:
    panel = FloorMap(shop)
    chip = panel.writes["client", "orders.events"]
    eventually(lambda: panel.reads["order", "orders.events"].description == "orders.events: lag 0", "the lag")
    shop.order("ann", {"MOUSE-001": 1})
    eventually(lambda: "orders.events +" in chip.description and chip.style.button_color == BUSY, "new offsets")
    eventually(lambda: (chip.description, chip.style.button_color) == ("orders.events", QUIET), "quiet")
    panel.close()


def test_a_service_that_has_stopped_is_grey_and_its_lag_grows(shop: Shop) -> None:
    panel = FloorMap(shop)
    shop.settle()
    shop.inventory_service.stop()
    shop.order("ann", {"MOUSE-001": 1})
    service, waiting = panel.services["inventory"], panel.reads["inventory", "inventory.requests"]
    eventually(lambda: service.style.button_color == GREY and "⏹️" in service.description, "the grey service")
    eventually(lambda: waiting.description == "inventory.requests: lag 2", "its lag")
    panel.close()


def test_an_open_transaction_is_shown_at_its_topic_until_it_ends(shop: Shop) -> None:
    panel = FloorMap(shop)
    chip, topic = panel.writes["notification", "notifications.dlq"], shop.cluster.name("notifications.dlq")
    producer = KafkaProducer(bootstrap_servers=shop.cluster.bootstrap, transactional_id=shop.cluster.name("slow"))
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(topic, b"{}").get(timeout=PATIENCE)
    eventually(lambda: "open" in chip.description, "the open transaction")
    producer.abort_transaction()
    producer.close()
    eventually(lambda: chip.description == "notifications.dlq", "its end")
    panel.close()


def test_a_click_leads_to_the_panel_of_the_thing(shop: Shop) -> None:
    with ShopFloor(shop) as floor:
        titles = dict(enumerate(floor.widget.titles))
        floor.map.writes["inventory", "inventory.stock"].click()
        assert (titles[floor.widget.selected_index], floor.topics.topic.value) == ("Topics", "inventory.stock")
        floor.map.services["analytics"].click()
        assert (titles[floor.widget.selected_index], floor.control.instance.value) == ("Control room", "analytics-0")
        floor.map.services["client"].click()
        assert titles[floor.widget.selected_index] == "Order desk"
        floor.map.services["mailbox"].click()
        assert titles[floor.widget.selected_index] == "Mailbox"


def test_by_itself_a_click_says_where_the_panel_is(shop: Shop) -> None:
    panel = FloorMap(shop)
    panel.services["order"].click()
    assert "shop floor" in panel.status.value
    panel.close()
