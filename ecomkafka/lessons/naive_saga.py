"""A naive orchestrator that counts answers, seen leaving an order pending for ever: compare `domain/saga.py`.

It trusts that ORDER_CREATED comes before the answers, that no answer comes twice, and that every answer comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ecomkafka.catalogue import DEFAULT
from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.domain.basket import by_warehouse, lines_of
from ecomkafka.domain.order import Place, decide
from ecomkafka.engine.state import State
from ecomkafka.flow import HOPS
from ecomkafka.messages import (
    Deduct,
    InsufficientStock,
    Message,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    Reason,
    Reserve,
    Reserved,
)
from ecomkafka.services.order import DEADLINE, OrderService


@dataclass
class Tally:
    """An order that is pending, and how many warehouses have answered."""

    order: OrderCreated
    answers: int = 0


Pending = dict[str, Tally]


def naive_step(pending: Pending, message: Message) -> list[Message]:
    """Count the answers to an order; when all have come, confirm it."""
    if isinstance(message, OrderCreated):
        pending[message.order_id] = Tally(message)
    elif isinstance(message, InsufficientStock) and message.order_id in pending:
        return _cancel(pending.pop(message.order_id).order)
    elif isinstance(message, Reserved) and message.order_id in pending:
        tally = pending[message.order_id]
        tally.answers += 1
        if tally.answers == len(tally.order.warehouses):
            return _confirm(pending.pop(message.order_id).order)
    return []


def _confirm(order: OrderCreated) -> list[Message]:
    deducts = [Deduct(order_id=order.order_id, warehouse_id=name, at=order.at) for name in order.warehouses]
    return [OrderConfirmed(order_id=order.order_id, total=order.total, at=order.at), *deducts]


def _cancel(order: OrderCreated) -> list[Message]:
    reason = Reason.INSUFFICIENT_STOCK
    return [OrderCancelled(order_id=order.order_id, total=order.total, reason=reason, at=order.at)]


class NaiveOrders(OrderService):
    """An order service that goes by `naive_step` and remembers in a dict. Nothing is ever due: it has no deadline."""

    hop = replace(HOPS["order"], changelog=None)

    def __init__(self, cluster: Cluster, *, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(cluster, clock=clock)
        self.pending: Pending = {}

    def handle(self, record: Record, state: State) -> list[Message]:
        return naive_step(self.pending, record.message)

    def tick(self, now: datetime, state: State) -> list[Message]:
        return []


def messages_of(
    order_id: str, customer_id: str, units: dict[str, int], at: datetime
) -> tuple[OrderCreated, Sequence[Reserve]]:
    """What a client writes for an order of these `units` (product id to quantity), to be sent in any sequence."""
    lines = lines_of([{"product_id": name, "quantity": quantity} for name, quantity in units.items()], DEFAULT)
    wanted = by_warehouse(lines, DEFAULT)
    place = Place(
        order_id=order_id,
        customer_id=customer_id,
        lines=lines,
        warehouses=tuple(wanted),
        at=at,
        deadline=at + DEADLINE,
    )
    (created,) = decide(None, place)
    assert isinstance(created, OrderCreated)
    return created, [
        Reserve(order_id=order_id, warehouse_id=name, items=items, at=at) for name, items in wanted.items()
    ]
