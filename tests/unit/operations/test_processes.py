"""A service's file says that it runs: as long as that very process lives."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from ecomkafka.operations.processes import Entry, entries, log_file, registered
from tests.waiting import PATIENCE


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))
    return tmp_path


def entry(pid: int, created: float) -> Entry:
    return Entry("order", "0", "alice", "127.0.0.1:9092", pid, created)


def test_a_service_is_there_while_it_runs_and_ready_when_it_says_so() -> None:
    with registered("order", "0", "alice", "127.0.0.1:9092") as ready:
        assert [(e.service, e.namespace, e.pid, e.ready) for e in entries()] == [("order", "alice", os.getpid(), False)]
        ready()
        assert [e.ready for e in entries()] == [True]
    assert entries() == []


def test_a_pid_that_another_program_has_by_now_is_noticed() -> None:
    me = psutil.Process()
    entry(me.pid, me.create_time() - 60).write()
    assert entries() == []


def test_the_file_of_a_killed_process_does_not_count() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    created = psutil.Process(child.pid).create_time()
    child.wait(PATIENCE)
    entry(child.pid, created).write()
    assert entries() == []


def test_a_damaged_file_does_not_count() -> None:
    dead = entry(1, 0.0)
    dead.write()
    dead.file.write_text('{"service": 1', encoding="utf-8")
    assert entries() == []


def test_two_processes_of_one_name_are_refused() -> None:
    parent = psutil.Process(os.getppid())
    entry(parent.pid, parent.create_time()).write()
    refused = pytest.raises(RuntimeError, match=rf"order-0 runs already, as process {parent.pid}.*--instance")
    with refused, registered("order", "0", "alice", "127.0.0.1:9092"):
        pass


def test_namespaces_and_instances_have_files_of_their_own() -> None:
    names = {
        log_file("order", "0", ""),
        log_file("order", "1", ""),
        log_file("order", "0", "a"),
        log_file("order", "0", "b"),
    }
    assert len(names) == 4


@pytest.mark.parametrize("instance", ["", "a/b", "a b", "../x", "x" * 41])
def test_a_bad_instance_is_named(instance: str) -> None:
    refused = pytest.raises(ValueError, match=r"instance is .* are allowed")
    with refused, registered("order", instance, "", "127.0.0.1:9092"):
        pass


def test_an_entry_survives_its_file() -> None:
    me = entry(1, 0.5)
    assert msgspec.json.decode(msgspec.json.encode(me), type=Entry) == me
