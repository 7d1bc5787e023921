"""Any number of instances sells what is there and no more; with requests keyed by order two of them sell it twice."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from ecomkafka.catalogue import Catalogue, Product
from ecomkafka.clients.reader import read
from ecomkafka.flow import ROUTES
from ecomkafka.gateways.payment import ProtectedGateway
from ecomkafka.invariants.check import check
from ecomkafka.invariants.facts import gather
from ecomkafka.lessons.scale_out.wrong_keys import OwnStock, keyed_by_order, units_sold
from ecomkafka.messages import OrderCancelled, OrderConfirmed, Reason
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE, eventually

OPENING = 40
SCARCE = Catalogue(Product(f"P-{n}", f"product {n}", 10, f"WH-{n}", OPENING) for n in range(6))
"""Six warehouses, in all three partitions."""

ONE = Catalogue([Product("P", "the last of its kind", 10, "WH", OPENING)])


def ends(cluster):
    return [
        event
        for record in read(cluster, "orders.events")
        if isinstance(event := record.message, OrderConfirmed | OrderCancelled)
    ]


def order_of(number):
    """Two lines in two warehouses."""
    products = (f"P-{number % 6}", f"P-{(number // 6 + number + 1) % 6}")
    return {"customer_id": "ann", "items": [{"product_id": p, "quantity": 1} for p in dict.fromkeys(products)]}


@contextmanager
def load(client) -> Iterator[list[str]]:
    """Orders at a steady rate from a client that is no instance; what was ordered."""
    ordered: list[str] = []
    over = threading.Event()

    def place():
        for start in itertools.count(step=5):
            if over.wait(0.1):
                return
            ordered.extend(client.create_orders([order_of(n) for n in range(start, start + 5)]))

    thread = threading.Thread(target=place, name="load")
    thread.start()
    try:
        yield ordered
    finally:
        over.set()
        thread.join(PATIENCE)
        client.stop()


def test_instances_join_and_leave_under_load_and_nothing_is_oversold_or_stuck(cluster):
    with ExitStack() as stack:
        shop = stack.enter_context(Shop(cluster, mail=False, catalogue=SCARCE))
        payment = ProtectedGateway(shop.ledger)
        inventory = [shop.inventory_service, *(InventoryService(cluster, f"more-{n}") for n in (1, 2))]
        orders = [shop.order_service, OrderService(cluster, "more-1", payment=payment, catalogue=SCARCE)]
        for joining in (*inventory[1:], *orders[1:]):
            stack.callback(joining.stop)
        with load(OrderService(cluster, "client", payment=payment, catalogue=SCARCE)) as ordered:
            storm = (
                *((instance, True) for instance in (inventory[1], orders[1], inventory[2])),
                *((instance, False) for instance in (inventory[0], orders[0])),
                *((instance, True) for instance in (inventory[0], orders[0])),
                (inventory[2], False),
            )
            for instance, joins in storm:
                instance.start() if joins else instance.stop()
                count = len(ends(cluster))
                eventually(lambda count=count: len(ends(cluster)) > count, f"{instance.identity}: orders go on")
        shop.settle(60)
        outside = {"charges": shop.ledger.charges(), "read_model": shop.read_model.orders()}
        broken = check(gather(cluster, (*inventory, *orders, shop.analytics_service), **outside))
        assert not any(broken.values()), broken
        assert {event.order_id for event in ends(cluster)} == set(ordered)
        assert all(service.status == "running" for service in (*inventory[:2], *orders))
        reasons = {event.reason for event in ends(cluster) if isinstance(event, OrderCancelled)}
        assert Reason.INSUFFICIENT_STOCK in reasons, "the stock was scarce"
        assert max(units_sold(cluster).values()) == OPENING


def sold_by(cluster, instances):
    """Units sold when the instances are wired wrongly, of which each gets more orders than it has units."""
    orders = OrderService(cluster, catalogue=ONE)
    with ExitStack() as stack:
        stack.enter_context(keyed_by_order())
        for n in range(instances):
            stack.enter_context(OwnStock(cluster, str(n), ONE))
        stack.enter_context(orders)
        item = {"product_id": "P", "quantity": 1}
        numbers = range(6 * OPENING)
        orders.create_orders([{"customer_id": "ann", "items": [item], "order_id": f"O-{n}"} for n in numbers])
        eventually(lambda: len(ends(cluster)) == len(numbers), "every order has ended")
    return units_sold(cluster)["P"]


@pytest.mark.parametrize("instances", [1, 2])
def test_wired_wrongly_each_instance_sells_the_whole_stock(cluster, instances):
    assert sold_by(cluster, instances) == instances * OPENING


def test_the_wrong_keys_last_no_longer_than_they_are_asked_for():
    before = dict(ROUTES)
    with keyed_by_order():
        assert before != ROUTES
    assert before == ROUTES
