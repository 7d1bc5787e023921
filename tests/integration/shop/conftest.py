"""What the tests of a shop's life share: every `Shop()` is on the tests' broker."""

from collections.abc import Iterator

import pytest

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import delete_topics


@pytest.fixture
def on_the_tests_broker(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)


@pytest.fixture
def mine(broker: Broker) -> Iterator[str]:
    """A namespace of somebody's own: its topics stay when a shop closes."""
    yield "mine"
    delete_topics(Cluster.of(broker.bootstrap, "mine"))
