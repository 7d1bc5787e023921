"""The dashboard of lesson 02: instances that read at their own pace, and what the lesson says of the result."""

import pytest

from ecomkafka.flow import key_of
from ecomkafka.lessons.naive_dashboard import TOPIC, Dashboard
from ecomkafka.messages import encode
from tests.unit.views.test_event_order import events_of
from tests.waiting import PATIENCE

ORDERS = [f"ORD-{n}" for n in range(1, 10)]


def apply(table, event):
    if event.type == "ORDER_CREATED":
        table[event.order_id] = "PENDING"
    elif event.order_id in table:
        table[event.order_id] = "CONFIRMED"


def copy(cluster, where):
    with cluster.producer() as producer:
        for order_id in ORDERS:
            for event in events_of(order_id):
                producer.send(cluster.name(TOPIC), encode(event), **where(event))
        producer.flush(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("where", "stuck"),
    [
        (lambda event: {"partition": 0 if event.type == "ORDER_CREATED" else 2}, len(ORDERS)),
        (lambda event: {"key": key_of(event).encode()}, 0),
    ],
    ids=["its end lies in another partition that is read first", "its key keeps an order's events together"],
)
def test_an_order_is_stuck_if(cluster, where, stuck):
    with Dashboard(cluster, apply) as dashboard:
        assert dashboard.join() == {"dashboard-a": (0,), "dashboard-b": (1,), "dashboard-c": (2,)}
        copy(cluster, where)
        for name in ("c", "b", "a"):
            dashboard.read(name)
        assert sorted(dashboard.table) == ORDERS
        assert list(dashboard.table.values()).count("PENDING") == stuck


def test_an_instance_without_time_reads_nothing_and_the_others_go_on(cluster):
    with Dashboard(cluster, apply) as dashboard:
        dashboard.join()
        copy(cluster, lambda event: {"partition": 1 + (event.order_id > "ORD-5")})
        dashboard.read("c")
        assert sorted(dashboard.table) == ORDERS[5:]
