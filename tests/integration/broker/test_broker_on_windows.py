"""A broker on Windows dies of deleting a topic, whoever asks: it refuses, and whoever tidies up lives with that."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from ecomkafka.broker import Broker, node
from ecomkafka.broker.server_properties import server_properties
from ecomkafka.clients import Cluster
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.logs import to_memory
from ecomkafka.shop import Shop


@pytest.fixture(scope="module")
def on_windows() -> Iterator[Broker]:
    """A broker with the settings that it has there; it is the machine's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node, "server_properties", partial(server_properties, platform="nt"))
        with Broker() as running:
            patch.setenv("ECOMKAFKA_BOOTSTRAP", running.bootstrap)
            yield running


def topics(cluster: Cluster) -> set[str]:
    with closing(cluster.admin()) as admin:
        return {name for name in admin.list_topics() if name.startswith(f"{cluster.namespace}.")}


def test_a_shop_that_is_stopped_leaves_its_topics(on_windows: Broker) -> None:
    with Shop() as shop:
        used = topics(shop.cluster)
    assert used
    assert topics(shop.cluster) == used


def test_an_exercise_leaves_its_topics_and_does_not_complain(on_windows: Broker) -> None:
    with to_memory() as log, Stage() as stage:
        stage.create("orders.events")
        cluster = stage.cluster
    assert topics(cluster) == {cluster.name("orders.events")}
    assert not list(log.lines)
