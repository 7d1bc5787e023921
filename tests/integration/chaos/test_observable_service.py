"""What service processes have in memory is told from outside, and held against their changelogs."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from ecomkafka.chaos.observable_service import live_and_restored
from ecomkafka.clients import Cluster
from ecomkafka.domain.stock import Product, product_key
from ecomkafka.invariants import Violation
from ecomkafka.invariants.check import NO_MEMORY, check, unchecked
from ecomkafka.invariants.facts import gather
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService
from tests.waiting import eventually


def test_what_processes_have_in_memory_is_what_a_restart_would_give_them(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecomkafka.machine.file_requests.ANSWER_SECONDS", 2.0)
    with ExitStack() as stack:
        names = (("inventory", "0"), ("inventory", "1"), ("order", "0"), ("analytics", "0"), ("notification", "0"))
        processes = [_process(cluster, *name, tmp_path) for name in names]
        for process in processes:
            stack.callback(process.kill)
            process.start()
        for process in processes:
            process.wait_ready()
        client, shop = InventoryService(cluster, "client"), OrderService(cluster, "client")
        stack.callback(client.stop)
        stack.callback(shop.stop)
        client.restock("opening", {"MOUSE-001": 5, "LAPTOP-001": 5})
        order_id = shop.create_order("ann", [{"product_id": "MOUSE-001", "quantity": 2}])
        mice, key = Product(on_hand=3), product_key("MOUSE-001")
        eventually(lambda: live_and_restored(cluster, processes)[0]["inventory"].get(key) == mice, "they are sold")

        live, restored = live_and_restored(cluster, processes)
        assert live == restored
        assert set(live) == {"inventory", "order", "analytics"}
        assert live["order"][order_id].closed
        assert product_key("LAPTOP-001") in live["inventory"]
        facts = replace(gather(cluster), live=live, restored=restored)
        assert check(facts)["state_equals_the_log"] == []
        assert unchecked(facts).keys() == {"every_reader_sees_the_same"}

        wrong = replace(facts, live=live | {"inventory": live["inventory"] | {key: Product(on_hand=4)}})
        assert check(wrong)["state_equals_the_log"] == [
            Violation(key, f"inventory has {Product(on_hand=4)}, its changelog {mice}")
        ]

        processes[0].kill()
        live, restored = live_and_restored(cluster, processes)
        assert set(live) == set(restored) == {"order", "analytics"}
        assert unchecked(replace(facts, live=live))["state_equals_the_log"] == f"{NO_MEMORY} inventory"


def _process(cluster: Cluster, service: str, instance: str, folder: Path) -> ServiceProcess:
    home = folder / f"{service}-{instance}"
    home.mkdir()
    command = ("ecomkafka.chaos.observable_service", service, instance)
    return ServiceProcess(cluster, service, instance, home=home, command=command)
