"""What all tests share: one private broker, a fresh namespace for each test, PostgreSQL where there is one."""

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from ecomkafka.clients import Cluster
from tests import postgres

if TYPE_CHECKING:
    from ecomkafka.broker import Broker
    from ecomkafka.shop import Shop

settings.register_profile("patient", deadline=None)  # no test fails because a machine is slow
settings.load_profile("patient")

_left_out = pytest.StashKey[list[str]]()
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def broker() -> "Iterator[Broker]":
    """A Kafka of our own: nothing else on the machine can disturb it."""
    from ecomkafka.broker import Broker

    with Broker() as running:
        yield running


@pytest.fixture
def cluster(broker: "Broker") -> Iterator[Cluster]:
    """An empty shop: the broker seen from a namespace that no other test has, with its topics."""
    from ecomkafka.clients.admin import create_topics, delete_topics

    fresh = Cluster.of(broker.bootstrap, namespace=f"test-{next(_numbers)}")
    create_topics(fresh)
    yield fresh
    delete_topics(fresh)


@pytest.fixture(scope="module")
def shop(broker: "Broker") -> "Iterator[Shop]":
    """A shop that runs, for all tests of a module; a module that needs another one has its own."""
    from ecomkafka.shop import Shop

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        with Shop() as running:
            yield running


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL database; tests that use it are marked `postgres`."""
    with postgres.server() as url:
        yield url


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgres: needs PostgreSQL; deselected where none is installed")
    config.stash[_left_out] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and not skip, what this machine can't run: a skipped test counts as a failure."""
    if postgres.available():
        return
    left_out = [item for item in items if item.get_closest_marker("postgres")]
    config.stash[_left_out] = [item.nodeid for item in left_out]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):  # xdist's workers leave tests out, and nobody hears of it
        session.config.workeroutput["left_out"] = session.config.stash[_left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each worker has left out the same tests."""
    names = getattr(node, "workeroutput", {}).get("left_out", [])
    if names and not node.config.stash[_left_out]:
        node.config.stash[_left_out] = names
        node.config.hook.pytest_deselected(items=[SimpleNamespace(nodeid=name) for name in names])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if names := config.stash[_left_out]:
        terminalreporter.section("left out: no PostgreSQL on this machine")
        terminalreporter.write_line(f"{len(names)} tests were left out. To run them, {postgres.HOW_TO_GET}.")
        for name in names:
            terminalreporter.write_line(f"  {name}")
