"""`doctor` is red wherever `up` would fail, and both name the same cause."""

import errno
import fcntl
import os
import resource
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ecomkafka.broker import broker
from ecomkafka.broker.ports import free_ports, is_free
from ecomkafka.machine import folders
from ecomkafka.machine.errors import BrokerError
from ecomkafka.operations import doctor
from ecomkafka.operations.processes import registered
from ecomkafka.operations.serve import MAKERS
from tests.rights import bound_by_rights, writable


class Machine:
    """A home, and what is set on a machine on which something is wrong."""

    def __init__(self, folder: Path) -> None:
        self.home, self.folder = folder / "home", folder
        self.settings = {"ECOMKAFKA_HOME": str(self.home)}
        self.limits: dict[int, int] = {}
        self.ends = ExitStack()

    def bind(self) -> None:
        """In the command's process: the rights and limits of a user on that machine."""
        if rights := bound_by_rights():
            rights()
        for kind, limit in self.limits.items():
            resource.setrlimit(kind, (limit, limit))

    def run(self, command: str, *options: str) -> "subprocess.CompletedProcess[str]":
        kept = {n: v for n, v in os.environ.items() if n == "ECOMKAFKA_CACHE" or not n.startswith("ECOMKAFKA_")}
        return subprocess.run(
            [sys.executable, "-m", "ecomkafka", command, *options],
            env=kept | self.settings,
            preexec_fn=self.bind,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def doctor(self) -> dict[str, dict[str, Any]]:
        """The red findings."""
        done = self.run("doctor", "--json")
        assert done.stderr == ""
        found = msgspec.json.decode(done.stdout, type=dict[str, Any])
        return {finding["what"]: finding for finding in found["findings"] if not finding["good"]}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    with made.ends:
        yield made
    writable(tmp_path)


def home_is_a_file(machine: Machine) -> None:
    machine.home.write_text("", encoding="utf-8")


def home_is_read_only(machine: Machine) -> None:
    machine.home.mkdir(mode=0o555)


def run_folder_is_read_only(machine: Machine) -> None:
    (machine.home / "run").mkdir(parents=True)
    (machine.home / "run").chmod(0o555)


def data_are_another_users(machine: Machine) -> None:
    node = machine.home / "data" / "brokers-1" / "node-1"
    node.mkdir(parents=True)
    node.chmod(0o555)


def lock_is_another_users(machine: Machine) -> None:
    (machine.home / "run").mkdir(parents=True)
    (machine.home / "run" / "broker.lock").touch(mode=0o444)


def logs_are_a_file(machine: Machine) -> None:
    machine.home.mkdir()
    (machine.home / "logs").touch()


def log_of_a_partition_is_another_users(machine: Machine) -> None:
    (machine.home / "data" / "brokers-1" / "node-1" / "log" / "orders.events-0").mkdir(parents=True, mode=0o000)


def few_files_may_be_open(machine: Machine) -> None:
    machine.limits[resource.RLIMIT_NOFILE] = 64


def files_must_stay_small(machine: Machine) -> None:
    machine.limits[resource.RLIMIT_FSIZE] = 1_000 * 1_024


def home_is_too_long(machine: Machine) -> None:
    folder = machine.home
    while len(os.fsencode(folder)) <= 420:  # then at most nine bytes more than is allowed
        folder /= "x" * 9
    machine.settings["ECOMKAFKA_HOME"] = str(folder)


def home_is_of_nobody(machine: Machine) -> None:
    machine.settings["ECOMKAFKA_HOME"] = "~no-such-user/home"


def home_is_a_link_to_itself(machine: Machine) -> None:
    machine.home.symlink_to(machine.home)


def cluster_file_is_damaged(machine: Machine) -> None:
    file = machine.home / "data" / "brokers-1" / "cluster.json"
    file.parent.mkdir(parents=True)
    file.write_text("{", encoding="utf-8")


def cache_is_empty_and_read_only(machine: Machine) -> None:
    (machine.folder / "cache").mkdir(mode=0o555)
    machine.settings["ECOMKAFKA_CACHE"] = str(machine.folder / "cache")


def cache_was_filled_for_its_owner_only(machine: Machine) -> None:
    (machine.folder / "cache" / "jars").mkdir(parents=True)
    (machine.folder / "cache" / "jars").chmod(0o000)  # as with umask 077
    machine.settings["ECOMKAFKA_CACHE"] = str(machine.folder / "cache")


def cache_has_a_colon(machine: Machine) -> None:
    machine.settings["ECOMKAFKA_CACHE"] = str(machine.folder / f"a{os.pathsep}b")


def mirror_cannot_be_reached(machine: Machine) -> None:
    machine.settings |= {
        "ECOMKAFKA_CACHE": str(machine.folder / "cache"),
        "ECOMKAFKA_MAVEN": "http://127.0.0.1:9/maven",
    }


def mirror_is_no_url(machine: Machine) -> None:
    machine.settings |= {"ECOMKAFKA_CACHE": str(machine.folder / "cache"), "ECOMKAFKA_MAVEN": "mirror"}


def java_is_none(machine: Machine) -> None:
    machine.settings["ECOMKAFKA_JAVA"] = str(machine.folder / "java")


def java_has_a_colon(machine: Machine) -> None:
    java = machine.folder / "a:b" / "java"
    java.parent.mkdir()
    java.touch()
    machine.settings["ECOMKAFKA_JAVA"] = str(java)


def mail_server_is_none(machine: Machine) -> None:
    machine.settings["ECOMKAFKA_SMTP"] = "mail"


def database_does_not_answer(machine: Machine) -> None:
    machine.settings["ECOMKAFKA_SQL"] = "postgresql+psycopg://ann:geheim@127.0.0.1:1/x"


def database_is_in_no_folder(machine: Machine) -> None:
    machine.settings["ECOMKAFKA_SQL"] = f"sqlite:///{machine.folder}/none/x.db"


def database_is_a_letter(machine: Machine) -> None:
    (machine.folder / "x.db").write_text("Dear Ann, this is no database.", encoding="utf-8")
    machine.settings["ECOMKAFKA_SQL"] = f"sqlite:///{machine.folder}/x.db"


def database_is_another_users(machine: Machine) -> None:
    (machine.folder / "office").mkdir()
    (machine.folder / "office" / "x.db").touch(mode=0o444)
    machine.settings["ECOMKAFKA_SQL"] = f"sqlite:///{machine.folder}/office/x.db"


def database_is_a_folder(machine: Machine) -> None:
    machine.home.mkdir()
    (machine.home / "orders.sqlite").mkdir()


def database_is_none(machine: Machine) -> None:
    machine.settings["ECOMKAFKA_SQL"] = "postgresql:nonsense"


def ledger_is_a_letter(machine: Machine) -> None:
    (machine.folder / "ledger").write_text("Dear Ann, this is no database.", encoding="utf-8")
    machine.settings["ECOMKAFKA_PAYMENTS"] = str(machine.folder / "ledger")


def ledger_is_in_another_users_folder(machine: Machine) -> None:
    (machine.folder / "office").mkdir(mode=0o555)
    machine.settings["ECOMKAFKA_PAYMENTS"] = str(machine.folder / "office" / "ledger")


def metrics_are_at_an_address_of_another_machine(machine: Machine) -> None:
    machine.settings |= {"ECOMKAFKA_METRICS": "9471", "ECOMKAFKA_LISTEN": "192.0.2.1"}


def metrics_port_is_taken(machine: Machine) -> None:
    """That of the fourth service."""
    taken = machine.ends.enter_context(socket.create_server(("127.0.0.1", 0)))
    machine.settings["ECOMKAFKA_METRICS"] = str(taken.getsockname()[1] - 3)


def cluster_does_not_answer(machine: Machine) -> None:
    machine.settings["ECOMKAFKA_BOOTSTRAP"] = "127.0.0.1:9"


@pytest.mark.parametrize(
    ("spoil", "what", "sentence"),
    [
        (home_is_a_file, "folders", "can't be made a folder (File exists)"),
        (home_is_read_only, "folders", "can't be made a folder (Permission denied)"),
        (run_folder_is_read_only, "folders", "home/run"),
        (data_are_another_users, "folders", "node-1"),
        (lock_is_another_users, "folders", "broker.lock"),
        (logs_are_a_file, "folders", "logs can't be made a folder (File exists)"),
        (few_files_may_be_open, "folders", "64 files may be open here, and a broker needs 256: raise 'ulimit -n'"),
        (files_must_stay_small, "folders", "a file may have 1.0 MB here, and one of a broker needs 100 MB: raise"),
        (home_is_too_long, "folders", "too long a path for the files of a broker"),
        (home_is_of_nobody, "folders", "'~no-such-user/home' names no folder"),
        (home_is_a_link_to_itself, "folders", "names no folder"),
        (cluster_file_is_damaged, "broker", "cluster.json is damaged"),
        (cache_is_empty_and_read_only, "jars", "of Kafka's jars are not in"),
        (cache_was_filled_for_its_owner_only, "jars", "can't be used (Permission denied): change its rights (chmod"),
        (cache_has_a_colon, "jars", f"has '{os.pathsep}' in it, at which Java splits a list of jars"),
        (mirror_cannot_be_reached, "jars", "could not be fetched (ConnectionError)"),
        (mirror_is_no_url, "jars", "ECOMKAFKA_MAVEN: 'mirror' is no repository"),
        (java_is_none, "Java", "no Java at"),
        (java_has_a_colon, "Java", "since ':' is in it"),
        (mail_server_is_none, "settings", "ECOMKAFKA_SMTP: "),
        (database_is_none, "settings", "ECOMKAFKA_SQL: "),
        (database_does_not_answer, "settings", "postgresql+psycopg://ann:***@127.0.0.1:1/x can't be used (connection"),
        (database_is_in_no_folder, "settings", "none/x.db can't be used (its folder is not there)"),
        (
            database_is_a_letter,
            "settings",
            "x.db can't be used (file is not a database): choose",
        ),
        (database_is_another_users, "settings", "x.db can't be used (this user may not write it)"),
        (database_is_a_folder, "settings", "orders.sqlite can't be used (it is a folder)"),
        (
            ledger_is_a_letter,
            "settings",
            "ledger can't be used (file is not a database): point ECOMKAFKA_PAYMENTS at another file",
        ),
        (ledger_is_in_another_users_folder, "settings", "ledger can't be used (this user may not write it)"),
        (
            metrics_are_at_an_address_of_another_machine,
            "settings",
            "192.0.2.1 is no address of this machine (Cannot assign requested address): set ECOMKAFKA_LISTEN",
        ),
        (metrics_port_is_taken, "settings", "can't be used (Address already in use): set ECOMKAFKA_METRICS to another"),
        (cluster_does_not_answer, "broker", "no Kafka answers at ECOMKAFKA_BOOTSTRAP=127.0.0.1:9"),
    ],
)
def test_where_up_fails_doctor_is_red_and_says_the_same(
    machine: Machine, spoil: Callable[[Machine], None], what: str, sentence: str
) -> None:
    spoil(machine)
    found = machine.doctor()
    assert what in found
    assert sentence.removesuffix(": ") in f"{found[what]['found']}: {found[what]['to_do']}"
    done = machine.run("up")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert sentence in done.stderr
    assert not list(machine.folder.glob("home/data/*/node-*/pid")), "a broker was left behind"


def test_a_partition_that_a_broker_could_not_read_is_red(machine: Machine) -> None:
    log_of_a_partition_is_another_users(machine)
    assert "orders.events-0 is not this user's to change" in machine.doctor()["folders"]["found"]


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))
    monkeypatch.delenv("ECOMKAFKA_BOOTSTRAP", raising=False)


def red() -> dict[str, str]:
    return {finding.what: f"{finding.found}: {finding.to_do}" for finding in doctor.examine() if not finding.good}


@pytest.mark.usefixtures("own_home")
def test_a_full_disk_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MIN_FREE_MB", 10**9)
    with pytest.raises(BrokerError, match=r"has \d+ MB left"):
        broker.up()
    assert set(red()) == {"disk"}


@pytest.mark.usefixtures("own_home")
def test_a_disk_that_takes_no_more_files_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "free_files", lambda _: 12)
    with pytest.raises(BrokerError, match=r"has 12 files left, and 1 broker\(s\) need 1000 files: free some"):
        broker.up()
    assert "has 12 files left" in red()["disk"]


@pytest.mark.usefixtures("own_home")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO])
def test_a_disk_without_locks_is_named(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """As the kernel answers for some network disks."""

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    sentence = rf"broker\.lock can't be locked \({os.strerror(number)}\): point ECOMKAFKA_HOME .* a disk that has locks"
    with pytest.raises(BrokerError, match=sentence):
        broker.up()
    assert "can't be locked" in red()["folders"]


@pytest.mark.usefixtures("own_home")
def test_the_doctor_makes_no_database(tmp_path: Path) -> None:
    doctor.examine()
    assert list(tmp_path.glob("*.sqlite*")) == []


@pytest.mark.usefixtures("own_home")
def test_a_database_that_another_program_has_locked_is_not_red(tmp_path: Path) -> None:
    """The read model waits until it is free."""
    with closing(sqlite3.connect(tmp_path / "orders.sqlite")) as other:
        other.execute("CREATE TABLE orders (id)")
        other.execute("BEGIN EXCLUSIVE")
        assert "settings" not in red()


@pytest.mark.usefixtures("own_home")
def test_a_port_at_which_our_own_service_shows_its_metrics_is_not_red(monkeypatch: pytest.MonkeyPatch) -> None:
    first = next(port for port in free_ports(100) if all(is_free(port + number) for number in range(len(MAKERS))))
    monkeypatch.setenv("ECOMKAFKA_METRICS", str(first))
    with socket.create_server(("127.0.0.1", first)):
        assert "settings" in red()
        with registered("inventory", "0", "", "127.0.0.1:9092"):
            assert "settings" not in red()


@pytest.mark.usefixtures("own_home")
def test_on_a_machine_where_nothing_is_wrong_nothing_is_red() -> None:
    assert set(red()) <= {"memory"}  # others work here as well
