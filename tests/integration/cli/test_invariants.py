"""`ecomkafka invariants` on services that run as processes: all hold, until somebody breaks one."""

import shutil
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Timer

from ecomkafka.clients import Cluster
from ecomkafka.invariants.check import NO_MEMORY, NOT_CHECKED
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.operations.system import SERVICES
from ecomkafka.services.inventory import InventoryService
from tests.commands import Here

UNKNOWN = f"{NO_MEMORY} inventory, order, analytics"


def _waits_for_sql(shop: Here, read_model: ServiceProcess) -> None:
    """SQL follows the log: that it is behind for a while breaks nothing."""
    read_model.pause()
    shop.json("create-order", "--customer", "bob", "--item", "MOUSE-001=1")
    resuming = Timer(4.0, read_model.resume)
    resuming.start()
    found = shop.json("invariants")
    resuming.join()
    assert found["hold"], found


def test_it_holds_until_somebody_breaks_it(cluster: Cluster, tmp_path: Path) -> None:
    shop = Here(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    client = InventoryService(cluster, "client")
    client.restock("opening", {"MOUSE-001": 10})
    client.stop()
    with ExitStack() as running:
        processes = [ServiceProcess(cluster, service, home=tmp_path) for service in SERVICES]
        for process in processes:
            running.callback(process.stop)
            process.start()
        for process in processes:
            process.wait_ready()
        order = shop.json("create-order", "--customer", "ann", "--item", "MOUSE-001=3", "--wait")
        assert order["status"] == "CONFIRMED"

        found = shop.json("invariants")
        assert found["hold"], found
        told = {"invariant", "holds", "protects", "violations", "not_checked"}
        assert [set(row) for row in found["invariants"]] == [told] * 8
        assert [row["invariant"] for row in found["invariants"] if row["holds"] is None] == [
            "every_reader_sees_the_same"
        ]
        assert {row["invariant"]: row["not_checked"] for row in found["invariants"] if row["not_checked"]} == {
            "every_reader_sees_the_same": NOT_CHECKED,
            "state_equals_the_log": UNKNOWN,
        }
        _waits_for_sql(shop, processes[SERVICES.index("read-model")])
        told = shop.ok("invariants")
        assert f"    {UNKNOWN}\n" in told
        assert told.count("✔") == 7
        assert f"– every reader sees the same: {NOT_CHECKED}" in told

    shutil.rmtree(tmp_path / "mailbox")
    with closing(sqlite3.connect(tmp_path / "payments.sqlite")) as ledger, ledger:
        ledger.execute("DELETE FROM charges WHERE order_id = ?", (order["order_id"],))
    told = shop.run("invariants")
    assert (told.returncode, told.stderr) == (1, "")
    assert f"    {order['order_id']}-ORDER_CONFIRMED: sent at notifications.events:" in told.stdout
    assert "✘ money and goods move together: " in told.stdout
    broken = {
        row["invariant"]: row["violations"] for row in shop.json("invariants")["invariants"] if row["holds"] is False
    }
    assert set(broken) == {"money_and_goods_move_together", "every_customer_is_told_once"}
    [violation] = broken["money_and_goods_move_together"]
    assert violation["who"] == order["order_id"]
    assert violation["what"].endswith(", and never charged")
