"""A read model that is killed with kill -9 around its SQL commit: rows and offsets are both there, or neither."""

import subprocess
import sys

import pytest

from ecomkafka.clients.reader import read
from ecomkafka.gateways.order_projection import TOPIC
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.order_store import OrderStore
from ecomkafka.services.order import OrderService
from ecomkafka.services.read_model import ReadModel
from tests.chaos.killed_read_model import POINTS

ORDERS = 5
KILLED_SECONDS = 60


@pytest.fixture
def url(cluster, tmp_path):
    client = OrderService(cluster, "client")
    client.create_orders([{"customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 1}]}] * ORDERS)
    client.stop()
    return f"sqlite:///{(tmp_path / 'orders.sqlite').as_posix()}"


def kill(cluster, url, point, first="rows"):
    command = [sys.executable, "-m", "tests.chaos.killed_read_model", ",".join(cluster.bootstrap)]
    ended = subprocess.run([*command, cluster.namespace, url, point, first], timeout=KILLED_SECONDS, check=False)
    assert ended.returncode != 0


def in_sql(cluster, url):
    """How many orders, and how many of their events count as projected."""
    queries = OrderQueries(url, cluster.namespace)
    offsets = OrderStore(queries.engine, cluster.namespace, TOPIC).offsets()
    orders = queries.orders()
    queries.engine.dispose()
    done = [event for event in read(cluster, TOPIC) if event.offset < offsets.get(event.partition, 0)]
    return len(orders), len(done)


def after_a_restart(cluster, url):
    with ReadModel(cluster, url) as model:
        model.sync()
    return in_sql(cluster, url)


@pytest.mark.parametrize("point", POINTS)
def test_rows_and_offsets_outlive_a_kill_together_and_a_restart_completes_them(cluster, url, point):
    kill(cluster, url, point)
    orders, projected = in_sql(cluster, url)
    assert orders == projected
    assert (orders > 0) == (point == "after_commit")
    assert after_a_restart(cluster, url) == (ORDERS, ORDERS)


def test_with_the_offsets_in_a_transaction_of_their_own_a_kill_loses_orders(cluster, url):
    """The same kill, and a store that moves its offsets first: what this test is there for is seen."""
    kill(cluster, url, "before_commit", first="offsets")
    orders, projected = in_sql(cluster, url)
    assert orders == 0 < projected
    lost, done = after_a_restart(cluster, url)
    assert lost < ORDERS == done
