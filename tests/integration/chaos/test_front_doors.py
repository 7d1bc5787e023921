"""Customers of a chaos run at the HTTP gateway: a key is one order, and what is no answer is asked again."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from ecomkafka.broker.ports import free_ports
from ecomkafka.chaos.front_doors import GatewayDoor
from ecomkafka.clients.reader import read
from ecomkafka.messages import OrderCreated
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE

REQUESTS = [
    {"order_id": f"KEY-{number}", "customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 1}]}
    for number in range(8)
]


def test_requests_that_are_repeated_are_one_order_each(shop: Shop) -> None:
    with shop.gateway() as gateway, closing(GatewayDoor(int(gateway.url.rpartition(":")[2]), seed=1)) as door:
        first = list(door.place(REQUESTS))
        assert len(first) > len(REQUESTS), "some are sent twice at once"
        again = dict(door.place(REQUESTS))
    assert dict(first) == again
    created = {r.message.order_id for r in read(shop.cluster, "orders.events") if isinstance(r.message, OrderCreated)}
    assert set(again.values()) == created
    assert len(created) == len(REQUESTS)


def test_where_nobody_answers_nothing_is_accepted() -> None:
    with closing(GatewayDoor(*free_ports(1), seed=1)) as door:
        assert list(door.place(REQUESTS)) == []


@pytest.fixture
def broken() -> Iterator[int]:
    """The port of a gateway with a bug."""

    class Broken(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(500, "a bug")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Broken) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(PATIENCE)


def test_an_answer_that_nothing_is_an_excuse_for_ends_the_run(broken: int) -> None:
    with closing(GatewayDoor(broken, seed=1)) as door, pytest.raises(RuntimeError, match="answered with 500"):
        list(door.place(REQUESTS))
