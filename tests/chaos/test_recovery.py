"""After a restart orders flow: a service that says that it goes keeps nobody waiting, and a killed one has its name."""

import pytest

from ecomkafka.clients import kafka_cluster
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE

BASKET = {"MOUSE-001": 1, "LAPTOP-001": 1}


@pytest.fixture
def shop(cluster, monkeypatch):
    """Who waits for a session of Kafka waits for ten minutes."""
    monkeypatch.setitem(kafka_cluster._CONSUMER, "session_timeout_ms", 600_000)
    with Shop(cluster) as shop:
        shop.wait(shop.order("first", {"MOUSE-001": 1}), PATIENCE)
        yield shop


@pytest.mark.parametrize("name", ["order_service", "inventory_service"])
def test_after_a_clean_restart_orders_flow_without_waiting_for_a_timeout(shop, name):
    service = getattr(shop, name)
    service.stop()
    service.start()
    shop.wait(shop.order("second", BASKET), PATIENCE)


def test_an_order_placed_during_a_clean_restart_ends_after_the_start(shop):
    shop.inventory_service.stop()
    waiting = shop.order("early", {"MOUSE-001": 1})
    shop.inventory_service.start()
    shop.wait(waiting, PATIENCE)


def test_a_killed_process_that_is_started_again_goes_on(cluster, tmp_path):
    with Shop(cluster) as shop:
        shop.inventory_service.stop()
        with ServiceProcess(cluster, "inventory", home=tmp_path) as process:
            shop.wait(shop.order("first", {"MOUSE-001": 1}), PATIENCE)
            process.kill()
            waiting = shop.order("second", {"MOUSE-001": 1})
            process.start()
            shop.wait(waiting, PATIENCE)
