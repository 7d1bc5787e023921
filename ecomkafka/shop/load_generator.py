"""The load generator: random orders at an adjustable rate; what is bought is restocked."""

import threading
import time
import uuid
from random import Random
from typing import Any

from kafka.errors import KafkaError

from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.domain.basket import real, shown
from ecomkafka.shop.shop import Shop

MAX_RATE = 500
"""Orders a second."""

RESTOCK_EVERY = 80
"""The number of orders after which the opening stock is added again: about what they buy of the scarcest product."""

_TICK_SECONDS = 0.1
_STOP_SECONDS = 30.0


class OrderGenerator:
    """Places orders in a thread of its own as soon as `rate` is above 0. Its owner calls `stop`."""

    def __init__(self, shop: Shop, seed: int = 0) -> None:
        self._shop = shop
        self._random = Random(seed)
        self._rate = 0.0
        self._name = uuid.uuid4().hex[:8]
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.placed = 0
        """Orders that the shop has taken."""
        self.trouble = ""
        """Why the last ones were not taken; they are not asked for again."""

    @property
    def rate(self) -> float:
        """Orders per second, 0 to MAX_RATE."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        number = real(rate)
        if number is None or not 0 <= number <= MAX_RATE:
            raise ValueError(f"rate is {shown(rate)}: from 0 to {MAX_RATE} orders a second are allowed")
        with self._lock:
            self._rate = number
            if number and not self._stopping.is_set() and not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="orders-at-random", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop ordering. Raises TimeoutError if the last orders are not accepted or refused within 30 s."""
        with self._lock:
            self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
            if self._thread.is_alive():
                raise TimeoutError(f"the last orders were neither taken nor refused in {_STOP_SECONDS:.0f} s")

    def _run(self) -> None:
        try:
            self._order()
        except Exception as error:  # noqa: BLE001 - the thread's last frame: whoever looks is told
            self.trouble = f"no more orders at random: {type(error).__name__}: {error}"

    def _order(self) -> None:
        owed, then = 0.0, time.monotonic()
        while not self._stopping.wait(_TICK_SECONDS):
            now, rate = time.monotonic(), self._rate
            # What could not be placed for longer than a second is not made up for.
            owed = min(owed + rate * (now - then), max(rate, 1.0)) if rate else 0.0
            then = now
            if count := int(owed):
                owed -= count
                self._place(count)

    def _place(self, count: int) -> None:
        try:
            self._shop.order_service.create_orders([self._request() for _ in range(count)])
            before, self.placed = self.placed, self.placed + count
            if before // RESTOCK_EVERY < self.placed // RESTOCK_EVERY:
                self._restock()
            self.trouble = ""
        except (KafkaError, UnknownOutcomeError, ConnectionError) as error:
            self.trouble = f"{type(error).__name__}: {error}"

    def _request(self) -> dict[str, Any]:
        there = sorted(self._shop.catalogue)
        products = self._random.sample(there, self._random.randint(1, min(3, len(there))))
        items = [{"product_id": product, "quantity": self._random.randint(1, 2)} for product in products]
        return {"customer_id": f"customer-{self._random.randint(1, 50)}", "items": items}

    def _restock(self) -> None:
        units = {product.product_id: product.opening for product in self._shop.catalogue.values()}
        restock_id = f"generator-{self._name}-{self.placed}"
        self._shop.inventory_service.restock(restock_id, units, self._shop.catalogue)
