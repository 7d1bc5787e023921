"""What a process tells of itself when it hangs, and what is left of it when it was killed."""

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from ecomkafka.chaos.process_shop import ProcessShop
from ecomkafka.clients import Cluster
from ecomkafka.faults.flight_recorder import PASSED, LastPoint, last_point
from ecomkafka.machine import file_requests
from ecomkafka.machine.file_requests import answering, ask
from ecomkafka.operations.thread_dump import own_threads, threads_of_services
from tests.waiting import PATIENCE, eventually


def test_a_dump_names_each_thread_and_where_it_stands():
    gate = threading.Event()

    def stands_at_the_gate():
        gate.wait()

    with_name = threading.Thread(target=stands_at_the_gate, name="the patient one")
    with_name.start()
    try:
        told = eventually(lambda: text if "gate.wait()" in (text := own_threads()) else "")
    finally:
        gate.set()
        with_name.join()
    assert "thread 'the patient one'" in told
    assert "thread 'MainThread'" in told
    assert "stands_at_the_gate" in told


@pytest.fixture
def homes(tmp_path) -> list[Path]:
    made = [tmp_path / name for name in ("one", "two")]
    for home in made:
        home.mkdir()
    return made


def test_who_is_asked_answers_and_who_is_silent_is_not_waited_for(homes, monkeypatch):
    one, _ = homes
    monkeypatch.setattr(file_requests, "ANSWER_SECONDS", 1.0)
    with answering("name", one, lambda: b"I am one"):
        eventually(lambda: ask("name", homes) == [b"I am one", None], "an answer in time, and one that is missing")
        assert ask("age", [one]) == [None]


def test_an_answer_is_new_each_time(homes, monkeypatch):
    monkeypatch.setattr(file_requests, "ANSWER_SECONDS", PATIENCE)
    numbers = iter(range(10))
    with answering("number", homes[0], lambda: str(next(numbers)).encode()):
        assert [ask("number", homes[:1]) for _ in range(2)] == [[b"0"], [b"1"]]


def test_the_last_point_can_be_read_by_others(tmp_path):
    assert last_point(tmp_path) is None
    passes = LastPoint(tmp_path)
    assert last_point(tmp_path) == "starting"
    for point in PASSED[1:]:
        passes(point)
        assert last_point(tmp_path) == point


@pytest.mark.usefixtures("homes")
def test_who_is_asked_are_all_that_run_and_the_services_that_should(tmp_path):
    """A guest that hangs holds its whole group up."""
    shop = ProcessShop(())
    shop.folder, shop.client_cluster = tmp_path, Cluster.of("127.0.0.1:9")
    with shop.mail, ExitStack() as stack:
        shop.services = {"order-0": shop.process("order-0", tmp_path / "order-0")}
        for name in ("order-guest0", "order-guest1"):
            process = shop.process(name, tmp_path / name)
            stack.callback(process.kill)
        process._command = ("http.server", "0", "--bind", "127.0.0.1")
        process.start()
        assert set(shop.running) == {"order-0", "order-guest1"}
        process.kill()
        assert set(shop.running) == {"order-0"}
        assert threads_of_services(shop.running) == {"order-0": "did not run"}
