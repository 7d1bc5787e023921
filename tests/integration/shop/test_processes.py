"""`Shop(processes=True)`: the same shop, each service a process of its own, and nothing left when it closes."""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen

import msgspec
import psutil
import pytest

from ecomkafka.broker import Broker
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import not_before
from ecomkafka.clock import ManualClock
from ecomkafka.domain.retry_policy import FAILURE
from ecomkafka.domain.windows.closing_and_lateness import UNBOUNDED
from ecomkafka.flow import HOPS
from ecomkafka.invariants.witness import Witness
from ecomkafka.retail.invoices import WEEK
from ecomkafka.shop import Shop
from tests.commands import Commands
from tests.waiting import PATIENCE, eventually

BASKET = {"LAPTOP-001": 2, "MOUSE-001": 1}
AT = datetime(2026, 1, 5, 10, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def temporary(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every Shop() is on the tests' own broker, and what it keeps is in this folder."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("kept")
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        patch.setattr("tempfile.tempdir", str(folder))
        yield folder


@pytest.fixture(scope="module")
def shop(temporary: Path) -> Iterator[Shop]:
    with Shop(processes=True, retry_delays=(0.1, 0.3), allowed_lateness=UNBOUNDED, deadline=timedelta(minutes=3)) as it:
        yield it


def working(pid: int | None = None) -> dict[psutil.Process, str]:
    """Which service each process works for that a shop of process `pid`, or of this one, has started."""
    lines = {child: child.cmdline() for child in psutil.Process(pid).children()}
    return {child: line[4] for child, line in lines.items() if "ecomkafka.operations.shop_service" in line}


def folders(temporary: Path) -> set[Path]:
    """What shops keep their processes' files in."""
    return set(temporary.glob("ecomkafka-shop-*"))


def test_each_service_is_a_process_and_an_order_goes_through_them_all(shop):
    with Witness(shop.cluster) as witness:
        confirmed, cancelled = shop.order("ann", BASKET), shop.order("declined-789", BASKET)
        assert (shop.wait(confirmed), shop.wait(cancelled)) == ("CONFIRMED", "CANCELLED")
        shop.settle()
        invariants = shop.invariants(witness)

    assert sorted(working().values()) == sorted(HOPS)
    assert [worker.status for worker in shop.services] == ["new"] * 4
    assert invariants["holds"].all()
    assert f"✅ Order {confirmed} confirmed" in set(shop.mailbox()["subject"])
    assert {charge.order_id: charge.state for charge in shop.ledger.charges()} == {
        confirmed: "APPROVED",
        cancelled: "DECLINED",
    }
    assert not shop.stock()["reserved"].any()
    assert "ORDER_CONFIRMED" in set(shop.trace(confirmed)["type"])
    assert shop.health() == "order-0 running; inventory-0 running; notification-0 running; analytics-0 running"


def test_the_retry_delays_reach_the_process_that_waits_for_them(shop):
    shop.notification_service.failure_rate = 1.0
    order_id = shop.order("cleo", {"HEADSET-001": 1})
    eventually(lambda: order_id in set(shop.dead_letters()["order_id"]), "it is a dead letter")
    shop.notification_service.failure_rate = 0.0
    for topic, delay in (("notifications.retry.1", 0.1), ("notifications.retry.2", 0.3)):
        (retry,) = read(shop.cluster, topic)
        due, failed_at = not_before(retry), str(retry.header(f"{FAILURE}{retry.attempt - 1}")).split(" ")[0]
        assert due is not None
        assert (due - datetime.fromisoformat(failed_at)).total_seconds() == pytest.approx(delay, abs=0.01)

    assert shop.replay_dead_letters() == 1
    eventually(lambda: order_id in "".join(shop.mailbox()["subject"]), "the customer is told")


def test_the_lateness_reaches_the_process_that_closes_the_windows(shop):
    """By default what is older than the last events is late, as in the partition of the mouse's warehouse."""
    request = {"customer_id": "bob", "items": [{"product_id": "MOUSE-001", "quantity": 1}]}
    for orders in ([request] * 12, [request | {"at": AT}] * 12):
        for order_id in shop.order_service.create_orders(orders):
            shop.wait(order_id)
        shop.settle()
    assert shop.windows().loc[AT, "created"] == 12
    assert "too late       none" in shop.report()


def test_the_real_week_is_replayed_by_processes(broker, tmp_path):
    command = ("replay", str(WEEK), "--limit", "100", "--no-mail", "--processes", "--json")
    with Commands(tmp_path, BOOTSTRAP=broker.bootstrap).start(*command) as process:
        eventually(lambda: sorted(working(process.pid).values()) == sorted(HOPS), "they work")
        found = msgspec.json.decode(process.communicate(timeout=PATIENCE)[0])
    assert process.returncode == 0
    assert all(found["invariants"].values())
    assert found["orders"] == {"created": 100, "confirmed": 100, "cancelled": 0}
    assert found["notifications"] == {"requested": 100, "sent": 100, "dead_lettered": 0}


def test_a_service_that_has_died_is_named_and_nothing_stays_behind(temporary):
    kept, before = folders(temporary), working()
    with Shop(processes=True, mail=False) as shop:
        (inventory,) = [p for p, service in working().items() if service == "inventory" and p not in before]
        inventory.kill()
        order_id = shop.order("ann", BASKET)
        eventually(lambda: "inventory-0 ended" in shop.health(), "its end is noticed")
        with pytest.raises(TimeoutError, match=r"inventory-service inventory.requests:\d by .*inventory-0 ended"):
            shop.settle(timeout=1.0)
        assert "order-0 running" in shop.health()
        eventually(lambda: shop.read_model.status(order_id) == "PENDING", "SQL knows that it waits")
    assert working() == before
    assert folders(temporary) == kept


def test_a_start_that_fails_leaves_nothing_behind(temporary, monkeypatch):
    kept, before = folders(temporary), working()
    monkeypatch.setenv("ECOMKAFKA_SQL", "mysql://here")
    with pytest.raises(RuntimeError, match=r"did not start: .*ECOMKAFKA_SQL"):
        Shop(processes=True).start()
    assert working() == before
    assert folders(temporary) == kept


def test_a_shop_that_is_never_started_leaves_no_folder(temporary):
    kept = folders(temporary)
    shop = Shop(processes=True)
    assert folders(temporary) == kept
    shop.stop()
    assert folders(temporary) == kept


@pytest.mark.parametrize("end", [Popen.kill, lambda shop: shop.stdin.close()], ids=["killed", "left open at its end"])
def test_a_shop_takes_its_processes_and_its_folder_along_however_its_program_ends(temporary, end):
    kept = folders(temporary)
    program = f"""
import sys, tempfile
tempfile.tempdir = {str(temporary)!r}
from ecomkafka.shop import Shop
shop = Shop(processes=True, mail=False).start()
print("open", flush=True)
sys.stdin.read()
"""
    with Popen([sys.executable, "-c", program], stdin=PIPE, stdout=PIPE) as shop:
        assert shop.stdout is not None
        assert shop.stdout.readline().strip() == b"open"
        workers = [p for p in psutil.Process(shop.pid).children() if "ecomkafka.operations.shop_service" in p.cmdline()]
        assert len(workers) == len(HOPS)
        end(shop)
    eventually(lambda: not any(p.is_running() for p in workers), "the processes end")
    eventually(lambda: folders(temporary) == kept, "the folder is gone")


def test_a_clock_that_the_processes_would_not_have_is_refused():
    with pytest.raises(ValueError, match=re.escape("clock is <ecomkafka.clock.ManualClock")):
        Shop(processes=True, clock=ManualClock(AT))
