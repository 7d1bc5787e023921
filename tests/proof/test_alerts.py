"""A real Prometheus watches a shop: nothing fires while all is well, and what breaks is told until it is mended."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ecomkafka.broker import Broker
from ecomkafka.services.quarantine import edit, quarantined, replay
from ecomkafka.shop import Shop
from tests.prometheus import RULES, Programs, programs, server
from tests.waiting import PATIENCE, eventually
from tools.draw_dashboard import ROWS


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    return programs(tmp_path_factory.mktemp("prometheus"))


@pytest.fixture(scope="module")
def watched() -> Iterator[Broker]:
    with Broker(metrics=True) as running:
        yield running


def test_each_rule_fires_in_its_case_and_not_after_it(tools: Programs) -> None:
    command = [tools.promtool, "test", "rules", "rules_test.yml"]
    done = subprocess.run(command, cwd=RULES, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_configurations_are_such_as_prometheus_takes(tools: Programs) -> None:
    command = [tools.promtool, "check", "config", "prometheus.yml", "this_machine.yml"]
    done = subprocess.run(command, cwd=RULES, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def queries() -> list[str]:
    """Those of the dashboard."""
    return [query for row in ROWS.values() for panel in row for query in panel.queries.values()]


def test_a_fault_is_told_and_its_cure_as_well(
    tools: Programs, watched: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", watched.bootstrap)
    with Shop(metrics=True) as shop, shop.gateway() as gateway:
        urls = (*shop.metrics_urls, gateway.url, watched.nodes[0].metrics_url)
        targets = [urlsplit(url).netloc for url in urls]
        with server(tmp_path, targets, tools.prometheus) as prometheus:
            eventually(prometheus.is_ready, "Prometheus answers")
            shop.wait(shop.order("ann", {"MOUSE-001": 1}))
            eventually(lambda: prometheus.query("ecomkafka_orders_ended_total > 0"), "the order is counted")
            every = len(targets)
            eventually(lambda: len(prometheus.query('up{job="ecomkafka"} == 1')) == every, "each target is asked")
            assert prometheus.query("sum(kafka_topic_messagesin_total) > 0"), "the broker's own numbers are there"
            eventually(lambda: prometheus.alerts("pending") == set(), "all is well")
            assert prometheus.alerts() == set()
            for query in queries():  # Prometheus refuses what is no query
                prometheus.query(query)

            shop.notification_service.stop()
            with shop.cluster.producer() as producer:
                producer.send(shop.cluster.name("inventory.requests"), b"no message", key=b"WH-LONDON")
                producer.flush(timeout=PATIENCE)
            told = {"ServiceDown", "RecordInQuarantine"}
            eventually(lambda: prometheus.alerts() >= told, "both alerts fire")

            shop.notification_service.start()
            (poison,) = quarantined(shop.cluster)
            good = '{"type": "RELEASE", "order_id": "none", "warehouse_id": "WH-LONDON", "at": "2026-03-01T12:00:00Z"}'
            edit(shop.cluster, poison.position, {}, good)
            assert replay(shop.cluster) == 1
            eventually(lambda: prometheus.alerts() | prometheus.alerts("pending") == set(), "they are resolved")
