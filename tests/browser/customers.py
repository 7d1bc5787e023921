"""Customers who order at a rate, in a thread: they want the shop busy, not an answer."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ecomkafka.catalogue import DEFAULT
from ecomkafka.runtime.clients import Cluster
from ecomkafka.services.order import OrderService

_BATCH_SECONDS = 0.1
_STOP_SECONDS = 30.0


@contextmanager
def ordering(cluster: Cluster, rate: float) -> Iterator[None]:
    """`rate` orders a second, in batches; slower where the machine is. Raises what ended the ordering."""
    stopping, failures = threading.Event(), list[Exception]()
    clients = OrderService(cluster, "customers")
    products = sorted(DEFAULT)

    def order() -> None:
        number, due = 0, time.monotonic()
        while not stopping.wait(max(0.0, due - time.monotonic())):
            due = max(due + _BATCH_SECONDS, time.monotonic())
            ids = range(number, number + max(1, round(rate * _BATCH_SECONDS)))
            clients.create_orders([_request(one, products[one % len(products)]) for one in ids])
            number = ids.stop

    def run() -> None:
        try:
            order()
        except Exception as error:  # noqa: BLE001 - the thread's last frame: who started it raises it
            failures.append(error)

    thread = threading.Thread(target=run, name="customers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(_STOP_SECONDS)
        clients.stop()
        if failures:
            raise failures[0]


def _request(number: int, product: str) -> dict[str, object]:
    order_id = f"BUSY-{number:06d}"
    return {"order_id": order_id, "customer_id": "busy", "items": [{"product_id": product, "quantity": 1}]}
