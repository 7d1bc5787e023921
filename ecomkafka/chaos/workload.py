"""The workload of a chaos run: customers who order at a steady rate and retry with the same order id, or key."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from random import Random
from typing import Any, Self

from kafka.errors import KafkaError

from ecomkafka.catalogue import DEFAULT
from ecomkafka.chaos.front_doors import FrontDoor, GatewayDoor, Request, ServiceDoor
from ecomkafka.clients import Cluster
from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.services.inventory import InventoryService

BATCH = 2
"""Orders in one request of a client."""

RESTOCK_EVERY = 40
"""Requests: so that goods are scarce now and then, and come again."""

_PAUSE_SECONDS = 0.1
_STOP_SECONDS = 60.0


class Traffic:
    """Orders at `rate` per second; `accepted` is called with the id of each accepted order.

    `gateway`: the port at which it takes orders; None: they are sent to Kafka. Use it in a `with` block.
    """

    def __init__(
        self, cluster: Cluster, seed: int, rate: float, accepted: Callable[[str], None], gateway: int | None = None
    ) -> None:
        self._door: FrontDoor = ServiceDoor(cluster) if gateway is None else GatewayDoor(gateway, seed)
        self._stock = InventoryService(cluster, "chaos")
        self._random = Random(seed)
        self._pause = BATCH / rate
        self._accepted = accepted
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="customers", daemon=True)
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop ordering. Raises the error that has ended the ordering early."""
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)
        with closing(self._door):
            self._stock.stop()
        if self._thread.is_alive():
            raise TimeoutError(f"the customers did not stop in {_STOP_SECONDS:.0f} s")
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._order()
        except Exception as error:  # noqa: BLE001 - the thread's last frame: `stop` raises it
            self._failure = error

    def _order(self) -> None:
        number, due = 0, time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._pause, time.monotonic())
            requests = [self._request(number * BATCH + one) for one in range(BATCH)]
            self._place(requests)
            if number % RESTOCK_EVERY == 0:
                units = {product.product_id: product.opening for product in DEFAULT.values()}
                self._insist(lambda units=units, number=number: self._stock.restock(f"chaos-{number}", units))  # type: ignore[misc]
            number += 1

    def _request(self, number: int) -> dict[str, Any]:
        """One to three products, seldom too many units; one customer of twenty can't pay."""
        products = self._random.sample(sorted(DEFAULT), self._random.randint(1, 3))
        units = 1_000 if self._random.random() < 0.03 else self._random.randint(1, 3)
        customer = "declined" if self._random.random() < 0.05 else "customer"
        return {
            "order_id": f"CHAOS-{number:06d}",
            "customer_id": f"{customer}-{number % 50}",
            "items": [{"product_id": product, "quantity": units} for product in products],
            "at": datetime.now(UTC),
        }

    def _place(self, requests: Sequence[Request]) -> None:
        """Retry until each is accepted, or customers are to stop."""
        waiting = {request["order_id"]: request for request in requests}
        while waiting:
            for name, order_id in self._door.place(list(waiting.values())):
                if waiting.pop(name, None):
                    self._accepted(order_id)
            if waiting and self._stopping.wait(self._door.pause):
                return

    def _insist(self, ask: Callable[[], Any]) -> None:
        """Retry until there is an answer, or customers are to stop."""
        while True:
            try:
                ask()
                return
            except (KafkaError, UnknownOutcomeError, ConnectionError):
                if self._stopping.wait(_PAUSE_SECONDS):
                    return
