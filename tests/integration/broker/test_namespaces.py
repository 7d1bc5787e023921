"""What a killed process has left on the cluster goes at the next start; what lives, or is not ours, stays."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psutil
import pytest

from ecomkafka.broker import Broker
from ecomkafka.broker import broker as embedded
from ecomkafka.clients import Cluster
from ecomkafka.invariants.open_transactions import open_transactions
from ecomkafka.machine.freezing import freeze
from ecomkafka.machine.home import run_dir
from ecomkafka.shop import Shop
from ecomkafka.topics import TOPICS
from tests.waiting import PATIENCE, eventually

SHOP = """
from ecomkafka.shop import Shop
shop = Shop().start()
print(shop.cluster.namespace, flush=True)
producer = shop.cluster.producer("left")
producer.init_transactions()
producer.begin_transaction()
producer.send(shop.cluster.name("orders.events"), b"{}").get(timeout=90)
print("open", flush=True)
input()
"""
STAGE = """
from ecomkafka.exercises.checking.stage import Stage
stage = Stage()
stage.create("orders.events")
print(stage.cluster.namespace, "open", sep="\\n", flush=True)
input()
"""
SALE = """
from ecomkafka.lessons.scale_out.flash_sale import FlashSale
from ecomkafka.services.inventory import InventoryService
with FlashSale(InventoryService, 1) as sale:
    print(sale.cluster.namespace, "open", sep="\\n", flush=True)
    input()
"""
FORKED = """
import os
from ecomkafka.broker import broker
from ecomkafka.broker.namespaces import Fresh
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
cluster = Cluster.of(broker.bootstrap(), "forked")
with Fresh(cluster):
    create_topics(cluster)
    if child := os.fork():
        os.waitpid(child, 0)
        print(cluster.namespace, "open", sep="\\n", flush=True)
        input()
os._exit(0)  # the child, at the end of a block that is its parent's
"""
START = "from ecomkafka.broker import up; up()"


@pytest.fixture(autouse=True)
def home(broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and the tests' broker for its Kafka."""
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    return tmp_path / "home"


@contextmanager
def another_process(code: str) -> Iterator[tuple[psutil.Process, Cluster]]:
    """It has opened what `code` opens; and the namespace that it says."""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            namespace = child.stdout.readline().strip()
            assert child.stdout.readline() == "open\n"
            yield psutil.Process(child.pid), Cluster.of(embedded.bootstrap(), namespace)
        finally:
            child.kill()


def killed(code: str) -> Cluster:
    with another_process(code) as (process, cluster):
        process.kill()
    return cluster


def left(cluster: Cluster) -> list[str]:
    """Topics and groups."""
    with closing(cluster.admin()) as admin:
        names = [*admin.list_topics(), *(group["group_id"] for group in admin.list_groups())]
    return [name for name in names if name.startswith(f"{cluster.namespace}.")]


def markers() -> list[str]:
    return [file.name for file in (run_dir() / "fresh").iterdir()]


@pytest.mark.parametrize("code", [SHOP, STAGE, SALE], ids=["shop", "exercise", "flash sale"])
def test_what_a_killed_process_has_left_goes_with_the_next_starts(code: str) -> None:
    cluster = killed(code)
    assert left(cluster)

    def nothing() -> bool:
        """The killed members of its groups count as living until their session times out."""
        embedded.up()
        return not left(cluster) and not markers()

    embedded.up()
    with closing(cluster.admin()) as admin:
        assert not [name for name in admin.list_topics() if name.startswith(f"{cluster.namespace}.")]
    eventually(nothing, "its groups to be gone")
    eventually(lambda: not open_transactions(cluster), "its transactions to be ended")


def test_a_shop_that_is_stopped_leaves_neither_topics_nor_groups() -> None:
    with Shop() as shop:
        assert left(shop.cluster)
    assert left(shop.cluster) == []
    assert markers() == []


def test_a_living_shop_is_left_alone_even_when_it_is_frozen() -> None:
    with Shop() as here, another_process(SHOP) as (process, there):
        freeze(process)
        embedded.up()
        process.resume()
        for cluster in (here.cluster, there):
            assert {cluster.name(topic) for topic in TOPICS} <= set(left(cluster))


def test_a_forked_child_of_its_program_takes_nothing_away() -> None:
    with another_process(FORKED) as (_, cluster):
        assert {cluster.name(topic) for topic in TOPICS} <= set(left(cluster))
        assert f"{cluster.namespace}.json" in markers()


def test_a_killed_shop_of_another_home_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be another machine's, on a cluster that both use."""
    cluster = killed(STAGE)
    with monkeypatch.context() as patch:
        patch.setenv("ECOMKAFKA_HOME", str(tmp_path / "other"))
        embedded.up()
    assert left(cluster)


def test_starts_at_the_same_moment_do_not_get_into_each_other_s_way() -> None:
    dead = [killed(STAGE) for _ in range(3)]
    with ExitStack() as stack:
        command = [sys.executable, "-c", START]
        starts = [stack.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE)) for _ in range(4)]
        said = [start.communicate(timeout=PATIENCE)[1] for start in starts]
    assert said == [b""] * 4
    assert [left(cluster) for cluster in dead] == [[], [], []]
    assert markers() == []


def test_the_embedded_broker_s_are_swept_wherever_it_listens_by_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECOMKAFKA_BOOTSTRAP")
    try:
        cluster = killed(STAGE)
        embedded.down()
        with occupied(int(cluster.bootstrap[0].rpartition(":")[2])):
            moved = Cluster.of(embedded.up().bootstrap, cluster.namespace)
        assert moved.bootstrap != cluster.bootstrap
        assert left(moved) == []
        killed(STAGE)
        embedded.down()
        embedded.wipe()
        assert markers() == []
    finally:
        embedded.down()


@contextmanager
def occupied(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield
