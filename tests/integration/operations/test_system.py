"""The embedded system through the real command: up, used, broken, repaired, down; one system for all, in this order."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from tests.commands import Commands
from tests.waiting import PATIENCE, eventually

SERVICES = {"order", "inventory", "notification", "analytics", "read-model"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    commands = Commands(tmp_path_factory.mktemp("home"))
    try:
        commands.ok("up")
        yield commands
    finally:
        commands.run("down")


def pids(shop: Commands) -> dict[str, int]:
    """By service, from the files that `status` reads: a command each time would be slow."""
    found = (json.loads(file.read_bytes()) for file in (shop.home / "run/services").glob("*.json"))
    return {entry["service"]: entry["pid"] for entry in found}


def ordered(shop: Commands, *options: str) -> dict[str, Any]:
    return shop.json("create-order", "--wait", *options)


def when_quiet(shop: Commands) -> dict[str, Any]:
    """The health of the services when nothing is left to do."""

    def quiet() -> dict[str, Any] | None:
        found = shop.json("health")
        return found if all(service["lag"] == 0 for service in found["services"]) else None

    return eventually(quiet, "a lag of 0 everywhere") or {}


def test_status_tells_the_broker_and_every_service(shop: Commands) -> None:
    found = shop.json("status")
    assert (found["running"], found["brokers"], found["external"]) == (True, 1, False)
    assert found["version"] == "4.3.1"
    assert found["bootstrap"].startswith("127.0.0.1:")
    assert {service["service"] for service in found["services"] if service["ready"]} == SERVICES


def test_an_order_is_confirmed(shop: Commands) -> None:
    found = ordered(shop, "--customer", "ann", "--item", "LAPTOP-001=2", "--item", "MOUSE-001=1")
    assert (found["status"], found["reason"], found["total"]) == ("CONFIRMED", None, "2029.97")


def test_an_order_for_more_than_there_is_is_cancelled_and_says_why(shop: Commands) -> None:
    said = shop.ok("create-order", "--item", "LAPTOP-001=1000", "--wait")
    assert "CANCELLED (INSUFFICIENT_STOCK)" in said


def test_the_services_share_the_payment_ledger_and_the_mailbox_of_the_home(shop: Commands) -> None:
    found = ordered(shop, "--customer", "declined-bob")
    assert (found["status"], found["reason"]) == ("CANCELLED", "PAYMENT_DECLINED")
    assert (shop.home / "payments.sqlite").exists()
    mails = eventually(lambda: list((shop.home / "mailbox").glob("new/*")), "a mail in the mailbox")
    assert mails


def test_everything_is_well_and_nothing_behind_when_it_is_quiet(shop: Commands) -> None:
    found = when_quiet(shop)
    assert found["well"]
    assert {service["service"] for service in found["services"]} == SERVICES
    order = next(service for service in found["services"] if service["service"] == "order")
    assert (order["state"], order["members"]) == ("Stable", ["order-0"])
    assert order["last_commit"] is not None


def test_groups_and_topics_are_shown_as_kafka_has_them(shop: Commands) -> None:
    groups = {group["group"]: group for group in shop.json("groups")["groups"]}
    assert len(groups) == 4
    assert {p["topic"] for p in groups["inventory-service"]["partitions"]} == {"inventory.requests"}
    topics = {topic["name"]: topic for topic in shop.json("list-topics")["topics"]}
    assert topics["orders.events"]["partitions"] == 3
    assert topics["orders.events"]["settings"]["compression.type"] == "snappy"
    assert "newest of each key" in shop.ok("list-topics")


def test_an_order_can_be_traced_and_is_in_the_report(shop: Commands) -> None:
    order_id = ordered(shop)["order_id"]
    records = shop.json("trace", order_id)["records"]
    assert [records[0]["type"], records[0]["caused by"]] == ["ORDER_CREATED", ""]
    assert "ORDER_CONFIRMED" in shop.ok("trace", order_id)
    sales = shop.json("report")["sales"]
    assert sales["created"] == sales["confirmed"] + sum(sales["cancelled"].values())


def test_logs_are_told_for_people_and_followed(shop: Commands) -> None:
    ordered(shop)
    eventually(lambda: "✅ order confirmed" in shop.run("logs", "order").stdout, "the order service has told of it")
    assert "INFO" in shop.ok("logs", "kafka")
    with ThreadPoolExecutor() as pool, shop.start("logs", "--follow", "--lines", "1") as following:
        lines = following.stdout
        assert lines is not None
        pool.submit(next, lines).result(PATIENCE)  # it follows by now
        order_id = ordered(shop)["order_id"]
        pool.submit(next, (line for line in lines if order_id in line)).result(PATIENCE)
        following.send_signal(signal.SIGINT)
        assert following.wait(PATIENCE) == 0


def test_a_proxy_is_on_the_way_to_somebody_elses_kafka_only(shop: Commands) -> None:
    assert Commands(shop.home, PROXY="http://127.0.0.1:1").json("list-topics") == shop.json("list-topics")


def test_up_again_starts_nothing_and_brings_in_no_stock_twice(shop: Commands) -> None:
    before, stock = pids(shop), shop.json("report")["windows"][-1]["stock"]
    assert shop.ok("up").count("ran already") == len(SERVICES)
    assert pids(shop) == before
    when_quiet(shop)
    assert shop.json("report")["windows"][-1]["stock"] == stock


def test_a_killed_service_is_named_by_health_and_up_starts_only_that(shop: Commands) -> None:
    before = pids(shop)
    psutil.Process(before["inventory"]).kill()
    found = shop.json("health")
    assert not found["well"]
    assert [service["service"] for service in found["services"] if not service["well"]] == ["inventory"]
    assert shop.run("health").returncode == 1
    shop.ok("up")
    after = pids(shop)
    assert {service for service in SERVICES if after[service] != before[service]} == {"inventory"}
    assert ordered(shop)["status"] == "CONFIRMED"


def test_a_service_in_the_foreground_logs_json_and_stops_cleanly(shop: Commands) -> None:
    with shop.start("serve", "inventory", "--instance", "1") as serving:
        try:
            eventually(lambda: (shop.home / "run/services/inventory-1.json").exists(), "the second instance")
            eventually(lambda: "inventory-1" in shop.ok("health"), "a second member of the group")
        finally:
            serving.send_signal(signal.SIGTERM)
        out, err = serving.communicate(timeout=PATIENCE)
    assert (serving.returncode, err) == (0, "")
    assert all(json.loads(line)["service"] == "inventory" for line in out.splitlines())


def test_a_second_process_of_the_same_name_is_refused(shop: Commands) -> None:
    refused = shop.run("serve", "order")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"error: order-0 runs already, as process {pids(shop)['order']}: "
        "run 'ecomkafka down' first, or choose another --instance\n"
    )


def test_namespaces_are_shops_of_their_own(shop: Commands) -> None:
    shop.ok("create-topics", "--namespace", "alice")
    assert shop.json("report", "--namespace", "alice")["sales"]["created"] == 0
    assert shop.run("health", "--namespace", "alice").returncode == 1


def test_with_the_broker_killed_everything_stops_and_comes_up_again_as_it_was(shop: Commands) -> None:
    (broker,) = shop.json("status")["pids"]
    created = shop.json("report")["sales"]["created"]
    process = psutil.Process(broker)
    process.kill()
    process.wait(PATIENCE)
    refused = shop.run("create-order")
    assert refused.returncode == 1
    assert refused.stderr.endswith("the system is not up: run 'ecomkafka up' first\n")
    shop.ok("down")
    assert shop.processes() == []
    shop.ok("up")
    assert shop.json("report")["sales"]["created"] == created
    assert ordered(shop)["status"] == "CONFIRMED"


def test_down_leaves_no_process_and_clean_no_data_but_asks_first(shop: Commands) -> None:
    assert shop.run("clean").returncode == 1
    assert "stopped order-0" in shop.ok("down")
    assert shop.processes() == []
    assert shop.json("status")["running"] is False
    shop.ok("clean", "--yes")
    left = {path.name for path in shop.home.rglob("*") if path.is_file()}
    assert left <= {"services.lock", "broker.lock", "registry.lock"}
