"""`doctor` is red wherever `up` would fail, and both name the same cause."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ecomkafka.broker import broker
from ecomkafka.machine import folders
from ecomkafka.machine.errors import BrokerError
from ecomkafka.operations import doctor
from tests.rights import bound_by_rights, writable


class Machine:
    """A home, and what is set on a machine on which something is wrong."""

    def __init__(self, folder: Path) -> None:
        self.home, self.folder = folder / "home", folder
        self.settings = {"ECOMKAFKA_HOME": str(self.home)}

    def run(self, command: str, *options: str) -> "subprocess.CompletedProcess[str]":
        kept = {n: v for n, v in os.environ.items() if n == "ECOMKAFKA_CACHE" or not n.startswith("ECOMKAFKA_")}
        return subprocess.run(
            [sys.executable, "-m", "ecomkafka", command, *options],
            env=kept | self.settings,
            preexec_fn=bound_by_rights(),
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
    yield Machine(tmp_path)
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
        (cluster_does_not_answer, "broker", "no Kafka answers at ECOMKAFKA_BOOTSTRAP=127.0.0.1:9"),
    ],
)
def test_where_up_fails_doctor_is_red_and_says_the_same(
    machine: Machine, spoil: Callable[[Machine], None], what: str, sentence: str
) -> None:
    spoil(machine)
    done = machine.run("up")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert sentence in done.stderr
    found = machine.doctor()
    assert what in found
    assert sentence.removesuffix(": ") in f"{found[what]['found']}: {found[what]['to_do']}"


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
def test_on_a_machine_where_nothing_is_wrong_nothing_is_red() -> None:
    assert set(red()) <= {"memory"}  # others work here as well
