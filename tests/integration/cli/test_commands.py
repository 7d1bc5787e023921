"""What is typed wrong is answered with one sentence and the right exit code, on an external Kafka as on our own."""

import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ecomkafka.catalogue import DEFAULT, Catalogue
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.shop import Shop
from tests.commands import Commands, Here
from tests.waiting import eventually


@pytest.fixture
def shop(cluster: Cluster, tmp_path: Path) -> Here:
    """The command line on somebody else's Kafka: the tests' broker, with topics and no services."""
    return Here(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)


def refused(done: "subprocess.CompletedProcess[str]", code: int) -> str:
    """The sentence with which a command was refused."""
    assert done.returncode == code, f"{done.stdout}{done.stderr}"
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("error: ").rstrip()


def test_wrong_values_are_named_and_nothing_is_sent(shop: Here, cluster: Cluster) -> None:
    cases = {
        ("create-order", "--item", "LAPTOP-001=x"): (2, "--item 'LAPTOP-001=x': PRODUCT=QUANTITY is needed"),
        ("create-order", "--item", "=2"): (2, "--item '=2': PRODUCT=QUANTITY"),
        ("create-order", "--item", "LAPTOP-001=-1"): (2, "--item 'LAPTOP-001=-1': PRODUCT=QUANTITY"),
        ("create-order", "--item", "LAPTOP-001=" + "9" * 5_000): (
            2,
            "PRODUCT=QUANTITY is needed, with at most 9 digits",
        ),
        ("create-order", "--item", "LAPTOP-001=1000001"): (
            1,
            "quantity is 1000001: a whole number from 1 to 1,000,000",
        ),
        ("create-order", "--item", "LAPTOP-001=0"): (1, "item 1 (LAPTOP-001): quantity is 0: a whole number from 1"),
        ("create-order", "--item", "PHONE-001=1"): (1, "item 1: product_id is 'PHONE-001': a product of the catalogue"),
        ("create-order", "--customer", " "): (1, "customer_id is ' ': 1 to 100 printable characters"),
        ("create-order", "--namespace", "a b"): (1, "namespace 'a b': letters, digits"),
        ("create-order", "--namespace", "nobody"): (1, "topic 'nobody.orders.events' does not exist"),
        ("trace", "ORD-1"): (1, "no record of order 'ORD-1'"),
        ("dlq", "replay", "nowhere"): (1, "nowhere"),
        ("serve", "shipping"): (2, "service 'shipping': inventory, order, notification, analytics, read-model"),
        ("serve", "order", "--instance", "a/b"): (1, "instance is 'a/b': 1 to 40 letters"),
        ("logs", "shipping"): (2, "log 'shipping': inventory, order, notification, analytics, read-model and kafka"),
        ("logs",): (1, "nothing has been logged yet"),
        ("create-topics", "--profile", "huge"): (1, "profile is 'huge': development or production is allowed"),
        ("replay", "no-such-file.csv"): (1, "no-such-file.csv"),
        ("replay", "README.md", "--stock-ratio", "much"): (2, "--stock-ratio 'much': a decimal number from 0"),
        ("up", "--brokers", "2", "--namespace", "x"): (1, "brokers is 2: 1 or 3 is allowed"),
    }
    for command, (code, sentence) in cases.items():
        assert sentence in refused(shop.run(*command), code), command
    assert read(cluster, "orders.events") == []


def test_a_shop_with_a_product_in_another_warehouse_gets_no_second_stock_and_no_order_for_it(
    shop: Here, cluster: Cluster
) -> None:
    elsewhere = replace(DEFAULT["MOUSE-001"], warehouse_id="WH-ROME")
    with Shop(cluster, catalogue=Catalogue({**DEFAULT, "MOUSE-001": elsewhere}.values()), mail=False):
        sent = len(read(cluster, "inventory.requests"))
        for command in (("create-topics", "--stock"), ("create-order", "--item", "MOUSE-001=1")):
            done = shop.run(*command)
            assert done.returncode == 1
            assert "product 'MOUSE-001': its stock is kept in warehouse 'WH-ROME'" in done.stderr
        assert len(read(cluster, "inventory.requests")) == sent
        assert "CONFIRMED" in shop.ok("create-order", "--item", "LAPTOP-001=1", "--wait")


def test_commands_that_are_none_are_usage_errors(shop: Here) -> None:
    for command in (["shipping"], ["create-order", "--colour", "red"], ["trace"], ["replay", "x", "--limit", "0"]):
        done = shop.run(*command)
        assert done.returncode == 2
        assert "Usage: " in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BOOTSTRAP", "kafka", "ECOMKAFKA_BOOTSTRAP: bootstrap address 'kafka': 'host:port' is needed"),
        ("NAMESPACE", "a b", "ECOMKAFKA_NAMESPACE: namespace 'a b': letters, digits"),
        ("SMTP", "mail", "ECOMKAFKA_SMTP: mail server 'mail': 'host:port' is needed"),
        ("PROFILE", "huge", "ECOMKAFKA_PROFILE: profile is 'huge': development or production is allowed"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    assert refused(Here(tmp_path, **{name: value}).run("create-order"), 1).startswith(sentence)


def test_a_service_that_can_not_start_says_why(shop: Here, tmp_path: Path) -> None:
    (tmp_path / "payments.sqlite").write_text("no database, and long enough to be none", encoding="utf-8")
    sentence = refused(shop.run("serve", "order"), 1)
    assert sentence.startswith(
        f"the payment ledger {tmp_path / 'payments.sqlite'} can't be used (file is not a database)"
    )


def test_an_external_kafka_that_is_silent_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    silent = Here(tmp_path, BOOTSTRAP=f"127.0.0.1:{port}")
    for command in ("status", "health", "up"):
        assert refused(silent.run(command), 1).startswith(f"no Kafka answers at ECOMKAFKA_BOOTSTRAP=127.0.0.1:{port}")


def test_an_external_kafka_is_used_and_left_alone(shop: Here, cluster: Cluster) -> None:
    with Shop(cluster):
        found = shop.json("create-order", "--customer", "ann", "--item", "MOUSE-001=3", "--wait")
        assert (found["status"], found["total"]) == ("CONFIRMED", "89.97")
        health = shop.json("health")
        assert {service["service"] for service in health["services"]} == {
            "order",
            "inventory",
            "notification",
            "analytics",
        }
        eventually(lambda: shop.json("health")["well"], "every service is at the end of its topics")
    assert "no broker of ours ran" in shop.ok("down")
    assert shop.json("status")["external"]
    assert "📊 WINDOW REPORT" in shop.ok("report")
    assert shop.ok("dlq", "list") == "no dead letters\n"


def test_doctor_finds_a_java_that_is_none(tmp_path: Path) -> None:
    sick = Here(tmp_path)
    sick.environment["ECOMKAFKA_JAVA"] = str(tmp_path / "no-java")
    findings = {finding["what"]: finding for finding in sick.json("doctor")["findings"]}
    assert set(findings) == {"Python", "settings", "Java", "folders", "jars", "ports", "memory", "disk", "broker"}
    assert [what for what, finding in findings.items() if not finding["good"]] == ["Java"]
    assert "ECOMKAFKA_JAVA" in findings["Java"]["to_do"]
    lines = sick.run("doctor").stdout.splitlines()
    assert len(lines) == len(findings)
    assert [line for line in lines if line.startswith("✘")] == [line for line in lines if "Java" in line.split()]


def test_nothing_is_coloured_in_a_pipe(cluster: Cluster, tmp_path: Path) -> None:
    shop = Commands(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    assert "\x1b" not in shop.ok("list-topics") + shop.ok("groups") + shop.ok("help")
