"""One broker for a room: a student reaches the own names, and takes no more than a share of it."""

import itertools
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailedError,
)

from ecomkafka.classroom import quotas
from ecomkafka.classroom.results_topic import PROGRESS
from ecomkafka.clients import Cluster
from tests.commands import Commands
from tests.flood import SIZE
from tests.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from ecomkafka.classroom.room import Room

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Room]":
    """A room that is open, with the list of results."""
    from ecomkafka.classroom.room import Room

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_HOME", str(tmp_path_factory.mktemp("home")))
        room = Room()
        room.start()
        yield room
        room.stop()


Login = Callable[[], Cluster]


@pytest.fixture
def login(room: "Room") -> Login:
    """A new student, at each call: the room as the student sees it."""
    from ecomkafka.classroom import student_accounts

    def enter() -> Cluster:
        (account,) = student_accounts.add(room.cluster(), [f"student-{next(_numbers)}"])
        return seen_by(room, account.name, account.password)

    return enter


def seen_by(room: "Room", name: str, password: str) -> Cluster:
    return Cluster(room.cluster().bootstrap, name, user=name, password=password)


def with_topic(student: Cluster, name: str = "words") -> str:
    """Make a topic of the student's with one record; returns its name on the cluster."""
    topic = student.name(name)
    with closing(student.admin()) as admin:
        admin.create_topics([NewTopic(topic, 1, 1)])
        admin.wait_for_topics([topic], timeout_ms=10_000)
    say(student, topic)
    return topic


def say(student: Cluster, topic: str, word: bytes = b"hello") -> int:
    """Write a record; returns its offset."""
    with closing(student.producer()) as producer:
        return int(producer.send(topic, word).get(timeout=PATIENCE).offset)


def hear(student: Cluster, topic: str) -> list[bytes]:
    """All records of a topic."""
    place = TopicPartition(topic, 0)
    heard: list[bytes] = []
    with closing(student.consumer()) as consumer:
        consumer.assign([place])
        end = consumer.end_offsets([place])[place]
        while len(heard) < end:
            records = eventually(lambda: consumer.poll(200), f"a record of {topic}")
            heard += [record.value for record in records[place]]
    return heard


# What is another's


def test_a_student_reads_and_writes_below_the_own_name(login: Login) -> None:
    anna = login()
    assert hear(anna, with_topic(anna)) == [b"hello"]


def test_a_student_can_t_write_to_another_s_topic(login: Login) -> None:
    anna, ben = login(), login()
    topic = with_topic(ben)
    with pytest.raises(TopicAuthorizationFailedError):
        say(anna, topic)
    assert say(ben, topic) == 1, "nothing was written in between"


def test_a_student_can_t_read_another_s_topic(login: Login) -> None:
    """`poll` would be silent; what it asks first is not."""
    anna, ben = login(), login()
    place = TopicPartition(with_topic(ben), 0)
    with closing(anna.consumer()) as consumer:
        consumer.assign([place])
        with pytest.raises(TopicAuthorizationFailedError):
            consumer.end_offsets([place])


def test_a_student_s_listings_show_the_own_names_alone(login: Login) -> None:
    anna, ben = login(), login()
    topic, _ = with_topic(anna), with_topic(ben)
    with closing(ben.consumer("readers")) as consumer:
        consumer.subscribe([ben.name("words")])
        eventually(lambda: consumer.poll(200), "ben's first record")
        consumer.commit()
    with closing(anna.admin()) as admin:
        assert [name for name in admin.list_topics() if name != PROGRESS] == [topic]
        assert admin.list_groups() == []
    with closing(ben.admin()) as admin:
        assert [group["group_id"] for group in admin.list_groups()] == [ben.name("readers")]


def test_a_student_can_t_join_another_s_group(login: Login) -> None:
    anna, ben = login(), login()
    topic = with_topic(anna)
    with closing(anna.consumer(group_id=ben.name("readers"))) as consumer:
        consumer.subscribe([topic])
        with pytest.raises(GroupAuthorizationFailedError):
            eventually(lambda: consumer.poll(200), "a record, in a group of ben's")


def test_a_student_can_t_use_another_s_transactional_id(login: Login) -> None:
    """Who could, would fence its owner."""
    anna, ben = login(), login()
    as_ben = replace(anna, namespace=ben.namespace)
    with closing(as_ben.producer("inventory-0")) as producer, pytest.raises(TransactionalIdAuthorizationFailedError):
        producer.init_transactions()


def test_a_student_can_t_make_or_delete_topics_outside_the_own_name(login: Login) -> None:
    anna, ben = login(), login()
    topic = with_topic(ben)
    with closing(anna.admin()) as admin:
        for name in (ben.name("more"), f"{anna.user}-more", "words"):
            with pytest.raises(KafkaError, match="uthoriz"):
                admin.create_topics([NewTopic(name, 1, 1)])
        with pytest.raises(TopicAuthorizationFailedError):
            admin.delete_topics([topic])
    assert hear(ben, topic) == [b"hello"]


def test_a_student_can_t_make_accounts_or_change_rights_and_quotas(login: Login) -> None:
    from ecomkafka.broker.security import passwords
    from ecomkafka.classroom import rights

    anna = login()
    with closing(anna.admin()) as admin:
        with pytest.raises(RuntimeError, match=r"password of eve was not changed: .* needs ALTER permission"):
            passwords.set_passwords(admin, {"eve": "apple"})
        for change in (rights.grant, rights.revoke, quotas.limit, quotas.unlimit):
            with pytest.raises(RuntimeError, match="ClusterAuthorizationFailedError"):
                change(admin, [anna.user])


# What is one's own


def variables(student: Cluster) -> dict[str, str]:
    """What `classroom add` tells the student to set, named without ECOMKAFKA_."""
    return {"BOOTSTRAP": student.bootstrap[0], "USER": student.user, "PASSWORD": student.password}


def test_a_student_s_own_shop_confirms_an_order(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    """And all that the lessons look at may be looked at."""
    from ecomkafka.shop import Shop

    anna = login()
    for name, value in variables(anna).items():
        monkeypatch.setenv(f"ECOMKAFKA_{name}", value)
    with Shop() as shop:
        assert shop.cluster.namespace.startswith(f"{anna.user}.shop-")
        assert shop.wait(shop.order("bob", {"LAPTOP-001": 1})) == "CONFIRMED"
        shop.settle()
        held = shop.invariants()["holds"].dropna()
        assert held.all()
        assert len(held) == 7, "all but that every reader sees the same, which needs a witness"


def test_a_service_in_a_process_of_its_own_logs_in_as_the_student(login: Login, tmp_path: Path) -> None:
    from ecomkafka.clients.admin import create_topics
    from ecomkafka.operations.service_process import ServiceProcess

    anna = login()
    create_topics(anna)
    service = ServiceProcess(anna, "inventory", home=tmp_path)
    try:
        service.start().wait_ready()
    finally:
        service.stop()


def test_a_wrong_password_is_named_at_once(room: "Room", login: Login) -> None:
    anna = login()
    for connect in (Cluster.admin, Cluster.producer, Cluster.consumer):
        with pytest.raises(ConnectionError, match=rf"refuses user '{anna.user}' with this password"):
            connect(seen_by(room, anna.user, "guessed"))


def test_a_removed_student_is_out_on_open_connections_too(room: "Room", login: Login) -> None:
    from ecomkafka.classroom import student_accounts

    anna = login()
    topic = with_topic(anna)
    with closing(anna.producer()) as producer, closing(anna.consumer()) as consumer:
        producer.send(topic, b"before").get(timeout=PATIENCE)
        consumer.assign([TopicPartition(topic, 0)])
        assert consumer.end_offsets([TopicPartition(topic, 0)])
        student_accounts.remove(room.cluster(), [anna.user])
        with pytest.raises(TopicAuthorizationFailedError):
            eventually(lambda: not producer.send(topic, b"after").get(timeout=PATIENCE), "the end of the rights")
        with pytest.raises(TopicAuthorizationFailedError):
            consumer.end_offsets([TopicPartition(topic, 0)])
    with pytest.raises(ConnectionError, match="refuses user"):
        anna.admin()
    assert anna.user not in student_accounts.students(room.cluster())


# The share of each


@contextmanager
def endless_producer(student: Cluster, topic: str) -> Iterator[None]:
    settings = {f"ECOMKAFKA_{name}": value for name, value in variables(student).items()}
    with subprocess.Popen([sys.executable, "-m", "tests.flood", topic], env=os.environ | settings) as process:
        try:
            yield
        finally:
            process.kill()


def written(student: Cluster, topic: str) -> float:
    """Bytes in the topic that `endless_producer` has written."""
    place = TopicPartition(topic, 0)
    with closing(student.consumer()) as consumer:
        return float(consumer.end_offsets([place])[place] * SIZE)


def rate(student: Cluster, topic: str, seconds: float = 2.0) -> float:
    """Bytes a second that come in now."""
    began, before = time.monotonic(), written(student, topic)
    eventually(lambda: time.monotonic() - began >= seconds)
    after = written(student, topic)
    return (after - before) / (time.monotonic() - began)


def test_an_endless_producer_is_slowed_down_and_others_can_work(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of what a student may really write, so that the first burst, ten seconds' worth, soon is over."""
    quota = quotas.QUOTAS["producer_byte_rate"] / 5
    monkeypatch.setitem(quotas.QUOTAS, "producer_byte_rate", quota)
    anna, ben = login(), login()
    flooded, topic = with_topic(anna), with_topic(ben)
    with endless_producer(anna, flooded):
        eventually(lambda: written(anna, flooded) > 10 * quota, "the burst")
        assert rate(anna, flooded) < 2 * quota
        say(ben, topic, b"there and back")
        assert hear(ben, topic)[-1] == b"there and back"


def test_a_topic_does_not_fill_the_disk(login: Login) -> None:
    """A partition without an own limit: its oldest segments go when it is larger."""
    anna = login()
    topic = with_topic(anna)
    with closing(anna.admin()) as admin:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
    settings = {name: int(setting["value"]) for name, setting in found["topic"][topic].items() if "bytes" in name}
    assert settings["segment.bytes"] < settings["retention.bytes"] < 2**29


def test_thirty_students_at_once_work_in_their_own_namespaces(room: "Room") -> None:
    from ecomkafka.classroom import student_accounts

    made = student_accounts.add(room.cluster(), [f"seat-{number}" for number in range(30)])
    class_of = [seen_by(room, account.name, account.password) for account in made]
    together = threading.Barrier(len(class_of), timeout=PATIENCE)

    def work(student: Cluster) -> tuple[bytes, list[str]]:
        together.wait()
        topic = with_topic(student, "essay")
        say(student, topic, student.user.encode())
        with closing(student.admin()) as admin:
            listed = [name for name in admin.list_topics() if name != PROGRESS]
        return hear(student, topic)[-1], listed

    with ThreadPoolExecutor(len(class_of)) as pool:
        done = list(pool.map(work, class_of, timeout=2 * PATIENCE))
    assert done == [(student.user.encode(), [student.name("essay")]) for student in class_of]


# The room


def test_a_password_is_on_no_command_line_in_no_log_and_in_no_file_for_others(room: "Room", login: Login) -> None:
    anna = login()
    with pytest.raises(ConnectionError):
        seen_by(room, anna.user, "guessed").admin()
    secret = (room.directory / "admin").read_text(encoding="utf-8")
    (pid,) = [int(file.read_text()) for file in room.directory.glob("node-*/pid")]
    told = " ".join(psutil.Process(pid).cmdline())
    told += "".join(log.read_text(encoding="utf-8") for log in room.directory.glob("node-*/*.log"))
    assert not [word for word in (secret, anna.password) if word in told]
    if os.name != "nt":  # Windows has rights of another kind; there the user's folder is the user's
        assert stat.S_IMODE(room.directory.stat().st_mode) == 0o700
        assert stat.S_IMODE((room.directory / "admin").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["admin", "Classroom", "a.b", "a_b", "", "-a", "a" * 41, "ann a"])
def test_a_name_that_can_t_be_used_is_refused_and_nobody_is_added(room: "Room", name: str) -> None:
    from ecomkafka.classroom import student_accounts

    before = student_accounts.students(room.cluster())
    with pytest.raises(ValueError, match=f"^name '{name}'.* letters, digits and '-'"):
        student_accounts.add(room.cluster(), ["good", name])
    assert student_accounts.students(room.cluster()) == before


def test_a_name_that_is_taken_keeps_its_password(room: "Room", login: Login) -> None:
    from ecomkafka.classroom import student_accounts

    anna = login()
    for name in (anna.user, anna.user.upper()):
        with pytest.raises(ValueError, match=f"name '{name}' is taken"):
            student_accounts.add(room.cluster(), [name])
    anna.admin().close()


def test_the_command_line_lets_a_student_in_and_out(room: "Room", tmp_path: Path) -> None:
    teacher = Commands(room.directory.parent)
    (zoe,) = teacher.json("classroom", "add", "zoe")["students"]
    assert "zoe" in teacher.json("classroom", "list")["students"]
    student = Commands(tmp_path, **{name.removeprefix("ECOMKAFKA_"): value for name, value in zoe.items()})
    assert "created orders.events" in student.ok("create-topics")
    with closing(room.cluster().admin()) as admin:
        assert "zoe.orders.events" in admin.list_topics()
    teacher.ok("classroom", "remove", "zoe")
    gone = student.run("list-topics")
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)
    assert "refuses user 'zoe'" in gone.stderr


def test_a_room_that_is_opened_again_has_its_address_and_its_accounts(room: "Room", login: Login) -> None:
    from ecomkafka.classroom.room import ClosedError

    anna = login()
    topic = with_topic(anna)
    room.stop()
    assert room.status() is None
    with pytest.raises(ClosedError, match="classroom start"):
        room.cluster()
    assert room.start().bootstrap == anna.bootstrap
    assert hear(anna, topic) == [b"hello"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "no such host"])
def test_an_address_that_students_can_t_reach_is_refused(room: "Room", host: str) -> None:
    with pytest.raises(ValueError, match=f"^host '{host}'"):
        room.start(host)
