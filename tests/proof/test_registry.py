"""A real schema registry, Apicurio: it refuses what breaks readers, survives a restart, and may be away."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from ecomkafka.cli import app
from ecomkafka.registry import server as server_module
from ecomkafka.registry.client import IncompatibleError, Registry, RegistryError, Written
from ecomkafka.registry.server import RegistryServer, private_registry


@pytest.fixture(scope="module")
def server() -> Iterator[RegistryServer]:
    with private_registry() as running:
        yield running


@pytest.fixture
def registry(server: RegistryServer) -> Registry:
    return Registry(server.url)


def record(*fields: str) -> Written:
    """An Avro record "Order" with these fields; "?" marks one that has a default."""
    written = [
        {"name": name.rstrip("?"), "type": "long", **({"default": 0} if name.endswith("?") else {})} for name in fields
    ]
    return Written("AVRO", json.dumps({"type": "record", "name": "Order", "fields": written}))


def test_it_listens_on_loopback_only_in_bounded_memory(server: RegistryServer) -> None:
    process = server.process
    assert process is not None
    listening = [c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert len(listening) == 2
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
    assert "-Xmx256m" in process.cmdline()


def test_a_schema_that_breaks_readers_is_refused_before_anything_is_written(registry: Registry) -> None:
    registry.register("orders", record("total"))
    renamed, with_default = record("amount"), record("total", "discount?")
    assert not registry.is_compatible("orders", renamed)
    with pytest.raises(IncompatibleError, match=r"refuses the schema for 'orders': .*amount"):
        registry.register("orders", renamed)
    assert registry.is_compatible("orders", with_default)
    registry.register("orders", with_default)


def test_the_same_schema_has_the_same_id_also_for_another_client(server: RegistryServer, registry: Registry) -> None:
    number = registry.register("same", record("a"))
    assert Registry(server.url).register("same", record("a")) == number
    assert Registry(server.url).schema(number).kind == "AVRO"
    assert "same" in registry.subjects()


def test_a_level_holds_for_one_subject(registry: Registry) -> None:
    registry.register("free", record("a"))
    registry.set_level("NONE", "free")
    registry.register("free", record("b"))


@contextmanager
def away(server: RegistryServer) -> Iterator[None]:
    assert server.stop()
    try:
        yield
    finally:
        server.start()


def test_what_is_known_goes_on_while_it_is_away_and_is_still_there_when_it_is_back(server: RegistryServer) -> None:
    client, url = Registry(server.url), server.url
    number = client.register("kept", record("a"))
    client.schema(number)
    with away(server):
        assert client.register("kept", record("a")) == number
        assert client.schema(number).kind == "AVRO"
        with pytest.raises(RegistryError, match=r"does not answer .* 'ecomkafka registry status' says"):
            client.register("kept", record("a", "b?"))
    assert server.url == url
    assert Registry(url).register("kept", record("a")) == number


def test_the_commands_start_show_and_stop_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))

    def run(command: str) -> str:
        done = CliRunner().invoke(app, ["registry", *command.split()])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "no registry runs" in run("status")
    try:
        assert "has started: http://127.0.0.1:" in run("up")
        assert "runs already" in run("up")
        assert json.loads(run("status --json"))["running"]
    finally:
        assert "stopped" in run("down")
    assert "no registry ran" in run("down")


def test_a_stopped_registry_is_no_child_any_more() -> None:
    with private_registry() as running:
        process = running.process
    assert process is not None
    assert not process.is_running()
    assert all(child.pid != process.pid for child in server_module._children)
