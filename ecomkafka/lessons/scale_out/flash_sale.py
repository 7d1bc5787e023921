"""A flash sale: more orders than stock, and what each design of the inventory sells."""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from decimal import Decimal
from typing import Self

from ecomkafka.broker import broker
from ecomkafka.broker.namespaces import Fresh
from ecomkafka.catalogue import Catalogue, Product
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from ecomkafka.clients.reader import read
from ecomkafka.flow import HOPS
from ecomkafka.lessons.scale_out.assignment_history import Assignment, assignment
from ecomkafka.lessons.scale_out.wrong_keys import units_sold
from ecomkafka.messages import OrderCancelled, OrderConfirmed
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService
from ecomkafka.waiting import until

OPENING = 40
CONSOLES = Catalogue([Product("CONSOLE", "game console", Decimal(10), "WH", OPENING)])


class FlashSale:
    """An order service, and instances of the inventory named "0", "1", … which `make(cluster, name)` builds.

    In a namespace of its own, which goes when the sale is over: `with FlashSale(InventoryService, 2) as sale: ...`.
    """

    def __init__(self, make: Callable[[Cluster, str], InventoryService], instances: int) -> None:
        self.cluster = Cluster.of(broker.bootstrap(), f"sale-{uuid.uuid4().hex[:8]}")
        self.instances: Sequence[InventoryService] = [make(self.cluster, str(n)) for n in range(instances)]
        self._orders = OrderService(self.cluster, catalogue=CONSOLES)
        self._placed = 0
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(Fresh(self.cluster))
            create_topics(self.cluster)
            for service in (*self.instances, self._orders):
                opening.callback(service.stop)
            with ThreadPoolExecutor() as pool:
                starting = pool.submit(self._orders.start)
                for instance in self.instances:  # one by one: none joins the group when the others are at work
                    instance.start()
                starting.result()
            if self.instances[0].hop.changelog:  # others bring the opening stock along
                self.instances[0].restock("opening", {"CONSOLE": OPENING}, CONSOLES)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def order(self, count: int) -> None:
        """Customers order `count` consoles, each one; returns when each order has been confirmed or cancelled."""
        self.place(count)
        until(lambda: self._ended() == self._placed, what=f"the end of {self._placed} orders")

    def place(self, count: int) -> None:
        """Customers order `count` consoles, each one; returns when Kafka has their orders."""
        numbers = range(self._placed, self._placed + count)
        item = {"product_id": "CONSOLE", "quantity": 1}
        requests = [{"customer_id": "ann", "items": [item], "order_id": f"ORD-{n:04d}"} for n in numbers]
        self._orders.create_orders(requests)
        self._placed += count

    def _ended(self) -> int:
        ends = (OrderConfirmed, OrderCancelled)
        return sum(isinstance(record.message, ends) for record in read(self.cluster, "orders.events"))

    @property
    def assigned(self) -> Assignment:
        """Each instance's partitions of `inventory.requests`, as the coordinator says."""
        with closing(self.cluster.admin()) as admin:
            return assignment(admin, self.cluster, HOPS["inventory"])

    @property
    def sold(self) -> int:
        """Consoles in confirmed orders: what customers were promised."""
        return units_sold(self.cluster)["CONSOLE"]
