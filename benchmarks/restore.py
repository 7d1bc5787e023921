"""How long from a restart until the first order is handled, by how many orders are open and how many have ended?

Restarts both services whose state grows with orders. One order waits for them each time; the state of the partitions is
read back before it is handled.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from statistics import median
from typing import Any, NamedTuple

from benchmarks.load import CATALOGUE, ITEMS, PLENTY
from benchmarks.surroundings import namespace
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import lags
from ecomkafka.clients.reader import read
from ecomkafka.engine.worker import Worker
from ecomkafka.messages import OrderCancelled, OrderConfirmed
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService
from ecomkafka.waiting import until

BATCH = 500
"""Orders that are sent in one transaction."""

AHEAD = 5_000
"""Orders that may be under way at a time."""

RECORDS = 4
"""Records that the order service handles of each: it is created, two warehouses answer, it is confirmed."""

ORDERS_SECONDS = 900.0
DEADLINE = timedelta(hours=1)
"""Open orders stay open."""

QUICK: dict[str, Any] = {"ended": (200, 2_000), "open_": (200, 1_000), "times": 3}


class Approving:
    """A payment gateway that costs no time."""

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        return True

    def void(self, order_id: str) -> None: ...


def services(cluster: Cluster, instance: str = "0") -> tuple[OrderService, InventoryService]:
    orders = OrderService(cluster, instance, payment=Approving(), catalogue=CATALOGUE, deadline=DEADLINE)
    return orders, InventoryService(cluster, instance)


@contextmanager
def _client(cluster: Cluster) -> Iterator[OrderService]:
    client, _ = services(cluster, "client")
    try:
        yield client
    finally:
        client.stop()


def end_orders(cluster: Cluster, count: int) -> None:
    """Send `count` orders through the saga, and wait until every one has ended and nothing is left to do."""
    orders, inventory = services(cluster)
    with orders, inventory:
        inventory.restock("opening", dict.fromkeys(CATALOGUE, PLENTY))
        for sent in range(0, count, BATCH):
            place(orders, min(BATCH, count - sent))
            until(partial(_few_are_open, orders, sent + BATCH), ORDERS_SECONDS, "orders end")
        waited = {"order-service", "inventory-service"}
        until(
            lambda: not any(lag.lag for lag in lags(cluster) if lag.group in waited),
            ORDERS_SECONDS,
            "nothing is left to do",
        )


def place(orders: OrderService, count: int) -> None:
    """Send `count` orders in transactions of BATCH."""
    for start in range(0, count, BATCH):
        orders.create_orders([{"customer_id": "ann", "items": ITEMS}] * min(BATCH, count - start))


def _few_are_open(orders: OrderService, sent: int) -> bool:
    return sent - orders.handled / RECORDS < AHEAD


def _has_handled(service: Worker, records: int) -> bool:
    return service.handled >= records


def records_read(service: Worker) -> int:
    """How many records of its changelog a service that has just started has read."""
    assert service._loop is not None
    assert service._loop._changelog is not None
    return sum(service._loop._changelog.length.values())


class Restart(NamedTuple):
    service: str
    ended: int
    """Orders that had ended before."""
    open: int
    """Orders that were open."""
    seconds: float
    """From `start()` until the first record was handled and committed: the median of some."""
    records: int
    """Read back from the changelog."""


def restart(service: Worker, client: OrderService, ended: int, open_: int, times: int) -> Restart:
    """Restart `service` `times` times; each time one order of `client` waits for it."""
    seconds, records = [], 0
    for _ in range(times):
        place(client, 1)
        handled, begin = service.handled, time.perf_counter()
        with service:
            records = records_read(service)
            until(partial(_has_handled, service, handled + 1), what="the first order is handled")
            seconds.append(time.perf_counter() - begin)
    return Restart(service.name, ended, open_, median(seconds), records)


def run(
    broker: Broker, ended: Sequence[int] = (1_000, 100_000), open_: Sequence[int] = (1_000, 10_000), times: int = 5
) -> dict[str, Any]:
    """The restarts after so many ended, and with so many open orders; and what the most ended ones add at worst."""
    found: list[Restart] = []
    for count in ended:
        with namespace(broker.bootstrap, f"ended-{count}") as cluster:
            found += _after(cluster, count, times)
    by_service = {r.service: [other.seconds for other in found if other.service == r.service] for r in found}
    for count in open_:
        with namespace(broker.bootstrap, f"open-{count}") as cluster:
            found += _while_open(cluster, count, times)
    return {
        "restarts": [restarted._asdict() for restarted in found],
        "slower_by_s": max(seconds[-1] - seconds[0] for seconds in by_service.values()),
    }


def _after(cluster: Cluster, ended: int, times: int) -> list[Restart]:
    end_orders(cluster, ended)
    ends = sum(isinstance(r.message, OrderConfirmed | OrderCancelled) for r in read(cluster, "orders.events"))
    if ends != ended:
        raise RuntimeError(f"{ends} of {ended} orders have ended")
    with _client(cluster) as client:
        return [restart(service, client, ended, 0, times) for service in services(cluster)]


def _while_open(cluster: Cluster, open_: int, times: int) -> list[Restart]:
    """Each service in turn runs without the other: so nothing that it has begun comes to an end."""
    orders, inventory = services(cluster)
    with _client(cluster) as client:
        inventory.restock("opening", dict.fromkeys(CATALOGUE, PLENTY))
        place(client, open_)
        found = []
        for service, records in ((orders, open_), (inventory, 2 * open_)):
            with service:
                until(partial(_has_handled, service, records), ORDERS_SECONDS, f"{service.name} takes the orders in")
            found.append(restart(service, client, 0, open_, times))
        return found
