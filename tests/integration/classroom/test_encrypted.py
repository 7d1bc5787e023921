"""A classroom with TLS: one file for each student, nothing to be read on the wire, certificates that are renewed."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kafka.admin import NewTopic

from ecomkafka.broker import BrokerError
from ecomkafka.classroom import room as room_module
from ecomkafka.clients import Cluster
from ecomkafka.clients.access.account import external
from ecomkafka.faults.network_proxy import Proxy
from tests.commands import Here
from tests.students import kernels
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from ecomkafka.classroom.room import Room

CLASS = ("anna", "ben", "cara")

OPEN_SHOP = """
from contextlib import closing
from ecomkafka.shop import Shop

shop = Shop().start()
orders = [shop.order("customer", {"LAPTOP-001": 1, "MOUSE-001": 2}) for _ in range(5)]
print({shop.wait(order) for order in orders})
shop.settle()
print("broken:", list(shop.invariants().query("holds == False").index))
"""
LOOK_AROUND = """
with closing(shop.cluster.admin()) as admin:
    print(sorted({topic.partition(".")[0] for topic in admin.list_topics()}), shop.cluster.access.protocol)
print(len(shop.orders()), "orders of", shop.cluster.namespace)
"""
"""What a student's notebook does; all do it at the same time."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def room(home: Path) -> "Iterator[Room]":
    """Encrypted on this machine, as it is on every other address."""
    from ecomkafka.classroom.room import Room

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_HOME", str(home))
        room = Room()
        room.start(tls=True)
        yield room
        room.stop()


@pytest.fixture(scope="module")
def files(room: "Room", home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the teacher's command has made for each student."""
    folder = tmp_path_factory.mktemp("files")
    said = Here(home).ok("classroom", "add", *CLASS, "--folder", str(folder))
    assert "ECOMKAFKA_ACCOUNT=FILE" in said
    return {name: folder / f"{name}.toml" for name in CLASS}


def test_three_kernels_have_a_shop_each_at_the_same_time_and_see_no_other(
    files: dict[str, Path], tmp_path: Path
) -> None:
    """With the file that each student got, and nothing else. The room's list of results they may write to."""
    with kernels({name: {"ACCOUNT": str(file)} for name, file in files.items()}, tmp_path) as students:
        for kernel in students.values():
            kernel.begin(OPEN_SHOP)
        assert {name: kernel.shown() for name, kernel in students.items()} == dict.fromkeys(
            CLASS, "{'CONFIRMED'}\nbroken: []\n"
        )
        for kernel in students.values():
            kernel.begin(LOOK_AROUND)
        for name, kernel in students.items():
            assert kernel.shown().startswith(f"['{name}', 'classroom'] SASL_SSL\n5 orders of {name}.shop-")
        for kernel in students.values():
            kernel.begin("shop.stop()")
        assert {kernel.shown() for kernel in students.values()} == {""}


def seen_by(file: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """The room as a student sees it, who has set one variable."""
    for name in ("BOOTSTRAP", "USER", "PASSWORD", "CA"):
        monkeypatch.delenv(f"ECOMKAFKA_{name}", raising=False)
    monkeypatch.setenv("ECOMKAFKA_ACCOUNT", str(file))
    return Cluster.of(external().bootstrap)


def test_each_student_works_with_the_own_file_alone(
    files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    for name, file in files.items():
        student = Here(tmp_path_factory.mktemp(name), ACCOUNT=str(file))
        assert "created orders.events" in student.ok("create-topics")
        assert ", encrypted" in student.ok("status")
        if os.name != "nt":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_student_s_traffic_can_t_be_read_on_the_wire(
    room: "Room", files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same proxy reads all of it where the room does not encrypt: it takes part where it is not sealed."""
    anna = seen_by(files["anna"], monkeypatch)
    topic = anna.name("diary")
    with Proxy(sealed=True) as proxy, proxy.tapped() as wire:
        through = proxy.through(anna)
        with closing(through.admin()) as admin:
            admin.create_topics([NewTopic(topic, 1, 1)])
            admin.wait_for_topics([topic], timeout_ms=10_000)
        with closing(through.producer(compression_type=None)) as producer:
            producer.send(topic, b"dear diary").get(timeout=PATIENCE)
    said = (b"dear diary", b"diary", b"anna", anna.password.encode(), b"SCRAM")
    assert len(wire) > 1_000
    assert not [word for word in said if word in wire]
    with (
        Proxy() as proxy,
        proxy.watched() as exchanged,
        closing(proxy.through(anna).producer(compression_type=None)) as producer,
    ):
        producer.send(topic, b"dear diary").get(timeout=PATIENCE)
    assert any(b"dear diary" in exchange.request for exchange in exchanged)


def test_a_student_can_t_get_in_without_the_room_s_ca(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    anna = seen_by(files["anna"], monkeypatch)
    (address,) = anna.bootstrap
    with pytest.raises(ConnectionError, match=r"encrypts .TLS., and this client does not"):
        Cluster((address,), user="anna", password=anna.password).admin()


def test_a_renewed_certificate_needs_nothing_new_of_the_students(
    room: "Room", home: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = seen_by(files["anna"], monkeypatch)
    pem = room.node.data.parent / "node.pem"
    before = pem.read_text()
    assert re.search(r"valid until \d\d \w+ 20\d\d", Here(home).ok("classroom", "renew"))
    assert pem.read_text() != before
    anna.admin().close()


def test_a_file_is_never_written_over(home: Path, files: dict[str, Path]) -> None:
    folder = files["anna"].parent
    (folder / "dan.toml").write_text("mine")
    done = Here(home).run("classroom", "add", "dan", "--folder", str(folder))
    assert (done.returncode, "is there already" in done.stderr) == (1, True)
    assert "dan" not in Here(home).json("classroom", "list")["students"]


def test_the_room_is_opened_in_one_way_at_a_time(room: "Room") -> None:
    with pytest.raises(BrokerError, match="with TLS: close it to open it in another way"):
        room.start()


@pytest.mark.parametrize(("host", "always"), [("127.0.0.1", False), ("localhost", False), ("192.0.2.7", True)])
def test_another_address_than_loopback_always_encrypts(host: str, always: bool) -> None:
    assert room_module.must_encrypt(host) is always
