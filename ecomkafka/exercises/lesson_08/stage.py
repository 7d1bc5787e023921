"""The stage of lesson 08: a cashier that is killed at a chosen call, and a payment gateway with idempotency keys."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.program import Program
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.messages import OrderConfirmed, encode

EVENTS = "orders.events"


class Cashier(Program):
    """Takes the money for an ORDER_CREATED. `charge` and `settle` are the tools of a student."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.charges: dict[str, tuple[str, Decimal]] = {}
        """What the gateway has done: by key, for which order, and how much."""
        self.asked: set[str] = set()
        """The orders for which the gateway was asked."""
        self._record: Any = None

    def charge(self, key: str) -> None:
        """Ask the gateway for the order's total. A key that it knows costs the customer nothing more."""
        self._power()
        self.asked.add(self._record.message.order_id)
        self.charges.setdefault(str(key), (self._record.message.order_id, self._record.message.total))

    def settle(self) -> None:
        """Write ORDER_CONFIRMED and the record's offset in one transaction."""
        self.begin()
        created = self._record.message
        confirmed = OrderConfirmed(order_id=created.order_id, total=created.total, at=created.at)
        self._send(EVENTS, encode(confirmed), created.order_id)
        self._put_offsets(EVENTS, {self._record.partition: self._record.offset + 1})
        self.commit()

    def handle(self, record: Record, pay: Callable[..., Any], cut: int) -> None:
        """Let `pay` have the record; after a power cut before call `cut` (-1: none) once more, if it still counts."""
        self._record = record
        if self.live(lambda: pay(self, record), cut) and self.committed(EVENTS, record.partition) <= record.offset:
            self.live(lambda: pay(self, record))
