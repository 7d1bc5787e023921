"""A broker that dies while a command runs: one sentence, with the node that died and what its log says."""

from collections.abc import Iterator
from typing import Any

import pytest

from ecomkafka.broker import broker, shared
from ecomkafka.broker.broker import Status
from ecomkafka.broker.cluster_nodes import read_nodes
from ecomkafka.clients import Cluster
from ecomkafka.operations import doctor
from tests.commands import Here

COMMANDS = (
    *(("list-topics",), ("groups",), ("create-topics", "--stock"), ("create-order", "--wait"), ("report",)),
    *(("health",), ("trace", "ORD-1"), ("dlq", "list"), ("quarantine", "list"), ("quarantine", "replay")),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """The command line of a machine with a shared broker and topics; no service runs."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_HOME", str(home))
        patch.delenv("ECOMKAFKA_BOOTSTRAP", raising=False)
        commands = Here(home)
        try:
            broker.up(1)
            commands.ok("create-topics")
            yield commands
        finally:
            broker.down()


@pytest.fixture
def status(shop: Here) -> Status:
    """The broker runs, whatever another test has done to it."""
    return broker.up()


def dies() -> None:
    for node in shared.running():
        node.kill()


def death(shop: Here, status: Status) -> str:
    return f"node 1 at {status.bootstrap} died: {shop.home / 'data/brokers-1/node-1/kafka.log'} says "


def said(shop: Here, *command: str) -> str:
    """The one sentence with which a command ends."""
    done = shop.run(*command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("error: ")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_where_it_dies_under_a_client_the_node_is_named(
    shop: Here, status: Status, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    connect = Cluster._connect

    def connected(cluster: Cluster, *arguments: Any) -> Any:
        client = connect(cluster, *arguments)
        dies()
        return client

    monkeypatch.setattr(Cluster, "_connect", connected)
    sentence = said(shop, *command)
    assert sentence.startswith(death(shop, status))
    assert "'ecomkafka up'" in sentence


def test_where_it_dies_before_a_client_connects_the_node_is_named(
    shop: Here, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = Cluster._connect

    def connected(cluster: Cluster, *arguments: Any) -> Any:
        dies()
        return connect(cluster, *arguments)

    monkeypatch.setattr(Cluster, "_connect", connected)
    assert said(shop, "list-topics").startswith(death(shop, status))


def test_where_it_died_before_command_and_doctor_name_the_node(shop: Here, status: Status) -> None:
    dies()
    sentence = said(shop, "list-topics")
    assert sentence.startswith(death(shop, status))
    assert sentence.endswith("; the system is not up: run 'ecomkafka up' first\n")
    assert any(finding.found.startswith(death(shop, status)) for finding in doctor.examine())


def test_a_broker_that_was_stopped_has_not_died(shop: Here, status: Status) -> None:
    broker.down()
    assert said(shop, "list-topics") == "the system is not up: run 'ecomkafka up' first\n"


@pytest.mark.usefixtures("status")
def test_what_an_earlier_run_logged_is_no_cause_for_another_program() -> None:
    """Each program reads the log with a `Node` of its own."""
    broker.down()
    (started,) = read_nodes(shared.directory(1))
    with started.log.open("a", encoding="utf-8") as log:
        log.write("[2024-01-31 12:00:00,000] ERROR No space left on device (kafka)\n")
    started.start()
    started.kill()
    (seen,) = read_nodes(shared.directory(1))
    assert "the disk is full" not in seen.death
