"""How long does a restart take when 1,000 orders have ended, and when 100,000 have?

Lets the orders end on the broker it is given, and restarts both services with state.
"""

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from statistics import median
from typing import Any, NamedTuple

from ecomkafka.catalogue import DEFAULT
from ecomkafka.messages import OrderCancelled, OrderConfirmed
from ecomkafka.runtime.admin import create_topics, delete_topics
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.groups import lags
from ecomkafka.runtime.reader import read
from ecomkafka.runtime.worker import Worker
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService

BATCH = 500
"""Orders that are sent in one transaction."""

AHEAD = 5_000
"""Orders that may be open at a time: more would pass their deadline on a slow machine."""

RECORDS = 4
"""Records that the order service handles of each: it is created, two warehouses answer, it is confirmed."""

ORDERS_SECONDS = 900.0
ITEMS = [{"product_id": "LAPTOP-001", "quantity": 1}, {"product_id": "MOUSE-001", "quantity": 1}]
"""Of two warehouses, so that an order has two reservations."""


class Approving:
    """A payment gateway that costs no time."""

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        return True

    def void(self, order_id: str) -> None: ...


def services(cluster: Cluster) -> tuple[OrderService, InventoryService]:
    return OrderService(cluster, payment=Approving()), InventoryService(cluster)


def end_orders(cluster: Cluster, count: int) -> None:
    """Send `count` orders through the saga, and wait until every one has ended and nothing is left to do."""
    orders, inventory = services(cluster)
    with orders, inventory:
        inventory.restock("opening", {product_id: count for product_id in DEFAULT})
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            orders.create_orders([{"customer_id": "ann", "items": ITEMS, "order_id": None}] * size)
            _until(partial(_few_are_open, orders, start + size), "orders end")
        waited = {"order-service", "inventory-service"}
        _until(lambda: not any(lag.lag for lag in lags(cluster) if lag.group in waited), "nothing is left to do")


def _few_are_open(orders: OrderService, sent: int) -> bool:
    return sent - orders.handled / RECORDS < AHEAD


def _until(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + ORDERS_SECONDS
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {ORDERS_SECONDS:.0f} s")
        time.sleep(0.02)


def records_read(service: Worker) -> int:
    """How many records of its changelog a service that has just started has read."""
    assert service._loop is not None
    assert service._loop._changelog is not None
    return sum(service._loop._changelog.length.values())


class Restart(NamedTuple):
    service: str
    ended: int
    """Orders that had ended before."""
    seconds: float
    """From `start()` until it handles records: the median of some."""
    records: int
    """Read back from the changelog."""


def restarts(cluster: Cluster, ended: int, times: int = 5) -> list[Restart]:
    """Restart each service `times` times."""
    return [_restart(service, ended, times) for service in services(cluster)]


def _restart(service: Worker, ended: int, times: int) -> Restart:
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        with service:
            seconds.append(time.perf_counter() - begin)
            records = records_read(service)
    return Restart(service.name, ended, median(seconds), records)


def run(bootstrap: str, counts: Sequence[int] = (1_000, 100_000)) -> dict[str, Any]:
    """The restarts after each of `counts` orders, each in a namespace of its own; and the slowest service's delay."""
    found = [restart for count in counts for restart in _after(Cluster.of(bootstrap, f"restart-{count}"), count)]
    by_service = {r.service: [other.seconds for other in found if other.service == r.service] for r in found}
    return {
        "restarts": [restart._asdict() for restart in found],
        "slower_by_s": max(seconds[-1] - seconds[0] for seconds in by_service.values()),
    }


def _after(cluster: Cluster, count: int) -> list[Restart]:
    create_topics(cluster)
    end_orders(cluster, count)
    ends = [r for r in read(cluster, "orders.events") if isinstance(r.message, OrderConfirmed | OrderCancelled)]
    assert len(ends) == count, f"{len(ends)} of {count} orders have ended"
    found = restarts(cluster, count)
    delete_topics(cluster)
    return found
