"""The metrics of a shop that runs, asked for as Prometheus does."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.gateways.payment import PaymentUnavailable
from ecomkafka.operations.serve import MAKERS
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.shop import Shop
from ecomkafka.shop.instances import Staff
from tests.waiting import PATIENCE, eventually

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def shop(broker: Broker) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        with Shop(metrics=True, retry_delays=(0.1, 0.2)) as running:
            yield running


def asked(url: str) -> Samples:
    text = httpx.get(url, timeout=PATIENCE).raise_for_status().text
    families = text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


class Asked:
    def __init__(self, url: str) -> None:
        self.samples = asked(url)

    def __call__(self, name: str, **labels: str) -> float:
        return self.samples[f"ecomkafka_{name}", frozenset(labels.items())]


def test_a_shop_shows_what_it_has_done(shop: Shop) -> None:
    (url,) = shop.metrics_urls
    shop.wait(shop.order("ann", {"MOUSE-001": 1}))
    shop.wait(shop.order("ann", {"LAPTOP-001": 100}))
    shop.settle()
    now = Asked(url)
    assert now("orders_ended_total", end="confirmed", reason="") == 1
    assert now("orders_ended_total", end="cancelled", reason="INSUFFICIENT_STOCK") == 1
    assert now("batch_records_sum", service="inventory") >= 4
    assert now("transaction_seconds_count", service="order", outcome="committed") >= 2
    assert now("mail_seconds_count", outcome="done") == 2
    assert now("restore_seconds_count", service="order") == now("rebalances_total", service="order") == 1
    assert now("service_up", service="order", worker="order-0") == now("read_model_up") == now("kafka_up") == 1
    assert now("sagas", state="charging") == now("oldest_saga_age_seconds") == 0
    assert now("payment_circuit", state="closed") == 1
    assert now("set_aside_records", topic="quarantine") == 0
    eventually(lambda: set(lags(url)) == {0.0}, "no lag is left")
    assert len(lags(url)) == 3 * (2 + 1 + 3 + 3)  # partitions of what the four groups read


def lags(url: str) -> list[float]:
    return [value for (name, _), value in asked(url).items() if name == "ecomkafka_lag_records"]


def test_a_saga_that_stands_still_grows_old(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> bool:
        raise PaymentUnavailable("no answer")

    (url,) = shop.metrics_urls
    with monkeypatch.context() as patch:
        patch.setattr(shop.ledger, "charge", silent)
        order_id = shop.order("bob", {"MOUSE-001": 1})
        eventually(lambda: Asked(url)("payment_circuit", state="open") == 1, "the circuit opens")
        assert Asked(url)("sagas", state="charging") == 1
        assert Asked(url)("oldest_saga_age_seconds") > 0
    assert shop.wait(order_id) == "CONFIRMED"
    eventually(lambda: Asked(url)("sagas", state="charging") == 0, "the saga has ended")


def test_a_dead_letter_is_counted_and_waits(shop: Shop) -> None:
    (url,) = shop.metrics_urls
    shop.notification_service.failure_rate = 1.0
    shop.order("cid", {"MOUSE-001": 1})
    eventually(lambda: Asked(url)("dead_letters_total") == 1, "the letter is given up")
    shop.notification_service.failure_rate = 0.0
    eventually(lambda: Asked(url)("set_aside_records", topic="notifications.dlq") == 1, "it waits")
    now = Asked(url)
    assert now("set_aside_oldest_age_seconds", topic="notifications.dlq") > 0
    assert now("retries_total") == 2
    assert now("mail_seconds_count", outcome="failed") == 3


def test_an_added_instance_is_counted_with_its_service(shop: Shop) -> None:
    (url,) = shop.metrics_urls
    staff = Staff(shop)
    staff.add("inventory")
    assert Asked(url)("service_up", service="inventory", worker="inventory-1") == 1
    assert Asked(url)("rebalances_total", service="inventory") > 1
    staff.close()


def test_no_label_grows_with_orders(shop: Shop) -> None:
    (url,) = shop.metrics_urls
    before = asked(url).keys()
    for _ in range(5):
        shop.wait(shop.order("dora", {"MOUSE-001": 1}))
    assert asked(url).keys() == before
    assert not [labels for _, labels in before for _, value in labels if re.search("ORD-|dora", value)]


def test_the_gateway_shows_its_requests_by_path_and_never_by_order(shop: Shop) -> None:
    order = {"customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 1}]}
    with shop.gateway() as gateway, httpx.Client(base_url=gateway.url, timeout=PATIENCE) as client:
        place = client.post("/orders", json=order).headers["location"]
        client.get(place)
        client.get("/orders/nobody")
        client.get("/no/such/path")
        client.request("BREW", "/orders")
        client.post("/orders", json={})
        now = Asked(f"{gateway.url}/metrics")
    count = "gateway_request_seconds_count"
    assert now(count, method="POST", path="/orders", status="202") == 1
    assert now(count, method="POST", path="/orders", status="400") == 1
    assert now(count, method="GET", path="/orders/{order_id}", status="200") == 1
    assert now(count, method="GET", path="/orders/{order_id}", status="404") == 1
    assert now(count, method="GET", path="other", status="404") == 1
    assert not [labels for _, labels in now.samples for _, value in labels if "ORD-" in value or value == "BREW"]
    assert now("gateway_waiting_orders") == 0


def test_without_metrics_there_is_no_path_for_them(cluster: Cluster) -> None:
    with Shop(cluster) as plain:
        assert plain.metrics_urls == ()
        with plain.gateway() as gateway:
            assert httpx.get(f"{gateway.url}/metrics", timeout=PATIENCE).status_code == 404


def test_a_service_of_its_own_shows_its_own(cluster: Cluster, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first = str(port - list(MAKERS).index("inventory"))
    with ServiceProcess(cluster, "inventory", home=tmp_path, settings={"METRICS": first}):
        now = Asked(f"http://127.0.0.1:{port}/metrics")
        assert now("service_up", service="inventory", worker="inventory-0") == 1
        assert {dict(labels)["group"] for name, labels in now.samples if name == "ecomkafka_lag_records"} == {
            "inventory-service"
        }
