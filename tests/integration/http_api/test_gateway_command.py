"""The gateway as a user runs it: as a command, with the page that tells of it."""

import re
import shlex
import signal
import subprocess
from pathlib import Path

import httpx

from ecomkafka.broker.ports import free_ports
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.messages import OrderCreated
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.settings import sqlite_url
from ecomkafka.shop import Shop
from tests.commands import Commands
from tests.integration.http_api.test_orders import ORDER
from tests.waiting import PATIENCE

PAGE = Path(__file__).parents[3] / "docs" / "gateway.md"


def test_the_command_takes_orders_until_it_is_told_to_stop(cluster: Cluster, tmp_path: Path) -> None:
    commands = Commands(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    with commands.start("gateway", "--port", "0") as process:
        assert process.stdout is not None
        (url,) = re.findall(r"http://127.0.0.1:\d+", process.stdout.readline())
        answer = httpx.post(f"{url}/orders", json=ORDER, timeout=PATIENCE)
        assert "gateway" in commands.ok("status")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    (created,) = [r.message for r in read(cluster, "orders.events") if isinstance(r.message, OrderCreated)]
    assert (answer.status_code, answer.json()["order_id"]) == (202, created.order_id)


def test_beside_an_order_service_of_its_own_it_says_who_knows_the_payment_s_circuit(
    cluster: Cluster, tmp_path: Path
) -> None:
    """And that one knows it: at the port that docs/operating.md gives it."""
    first = free_ports(1)[0]
    commands = Commands(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    sql = {"SQL": sqlite_url(tmp_path / "orders.sqlite")}
    with (
        ServiceProcess(cluster, "order", home=tmp_path / "order", settings={"METRICS": str(first)}),
        ServiceProcess(cluster, "read-model", home=tmp_path / "read-model", settings=sql),
        commands.start("gateway", "--port", "0") as process,
    ):
        assert process.stdout is not None
        (url,) = re.findall(r"http://127.0.0.1:\d+", process.stdout.readline())
        ready = httpx.get(f"{url}/ready", timeout=PATIENCE).json()
        shown = httpx.get(f"http://127.0.0.1:{first + 1}/metrics", timeout=PATIENCE).text
    assert (ready["payment_circuit"], ready["status"]) == ("unknown", "ready")
    assert "ecomkafka_payment_circuit at its own /metrics" in ready["hint"]
    assert 'ecomkafka_payment_circuit{state="closed"} 1' in shown


def test_a_port_that_is_taken_is_named(cluster: Cluster, shop: Shop, tmp_path: Path) -> None:
    commands = Commands(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    with shop.gateway() as gateway:
        port = gateway.url.rpartition(":")[2]
        done = commands.run("gateway", "--port", port)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: port {port} of 127.0.0.1 can't be used (")


def test_the_page_s_commands_do_what_it_says(shop: Shop) -> None:
    """From top to bottom; ORDER_ID is the first order's."""
    said: list[str] = []
    with shop.gateway() as gateway:
        for command in re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            text = command.replace("localhost:8000", gateway.url)
            if said:
                text = text.replace("ORDER_ID", re.findall(r"ORD-\w+", said[0])[0])
            curl = [*shlex.split(text.replace("\\\n", " ")), "--silent", "--show-error", "--max-time", "60"]
            said.append(subprocess.run(curl, check=True, capture_output=True, text=True, timeout=90).stdout)
    placed, found, events, products, refused, ready = said
    assert placed.startswith("HTTP/1.1 202 ")
    assert "location: /orders/ORD-" in placed
    assert '"status":"CONFIRMED"' in found
    assert "event: ORDER_CONFIRMED" in events
    assert '"MOUSE-001"' in products
    assert refused.count('"pointer"') == 2
    assert ready == '{"payment_circuit":"closed","status":"ready"}'


def test_the_command_makes_keys_and_asks_for_them(cluster: Cluster, tmp_path: Path) -> None:
    commands = Commands(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    file = str(tmp_path / "keys")
    key = commands.ok("gateway", "--keys", file, "--new-key", "web").strip()
    assert commands.run("gateway", "--new-key", "app").returncode == 2
    with commands.start("gateway", "--port", "0", "--keys", file) as process:
        assert process.stdout is not None
        (url,) = re.findall(r"http://127.0.0.1:\d+", process.stdout.readline())
        statuses = [
            httpx.post(
                f"{url}/orders", json=ORDER, headers={"Authorization": f"Bearer {given}"}, timeout=60
            ).status_code
            for given in (key, "wrong")
        ]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert statuses == [202, 401]
