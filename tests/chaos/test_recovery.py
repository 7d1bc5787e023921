"""How soon orders flow again after a clean restart of a service: it says that it goes, and nobody waits for it."""

import time

import pytest

from ecomkafka.lab.service_process import ServiceProcess
from ecomkafka.lab.shop import Shop

SECONDS = 2.0


@pytest.fixture
def shop(cluster):
    with Shop(cluster) as shop:
        shop.wait(shop.order("first", {"MOUSE-001": 1}))
        yield shop


@pytest.mark.parametrize("name", ["order_service", "inventory_service"])
def test_after_a_clean_restart_orders_flow_within_two_seconds(shop, name):
    service = getattr(shop, name)
    service.stop()
    begun = time.monotonic()
    service.start()
    shop.wait(shop.order("second", {"MOUSE-001": 1, "LAPTOP-001": 1}))
    assert time.monotonic() - begun < SECONDS


def test_an_order_placed_during_a_clean_restart_ends_within_two_seconds_of_the_start(shop):
    shop.inventory_service.stop()
    waiting = shop.order("early", {"MOUSE-001": 1})
    begun = time.monotonic()
    shop.inventory_service.start()
    shop.wait(waiting)
    assert time.monotonic() - begun < SECONDS


def test_a_killed_process_that_is_started_again_goes_on_at_once(cluster, tmp_path):
    """Not within two seconds of its start, of which Python takes one, but without waiting for any timeout of Kafka."""
    with Shop(cluster) as shop:
        shop.inventory_service.stop()
        with ServiceProcess(cluster, "inventory", home=tmp_path) as process:
            shop.wait(shop.order("first", {"MOUSE-001": 1}))
            process.kill()
            waiting = shop.order("second", {"MOUSE-001": 1})
            begun = time.monotonic()
            process.start()
            shop.wait(waiting)
            assert time.monotonic() - begun < 8.0
