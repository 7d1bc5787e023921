"""A naive orchestrator for one warehouse only, seen leaking reservations.

It keeps who answered and asks for the money; only what it undoes is too little: compare `_compensate` in
`domain/saga.py`.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.engine.state import State
from ecomkafka.flow import HOPS
from ecomkafka.gateways.payment import PaymentGateway
from ecomkafka.messages import (
    Deduct,
    InsufficientStock,
    Message,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    Reason,
    Release,
    Reserved,
)
from ecomkafka.services.order import OrderService


@dataclass
class Open:
    """What is known of an order that is not decided yet."""

    order: OrderCreated | None = None
    reserved: set[str] = field(default_factory=set)
    short: bool = False


def note(known: Open, message: Message) -> None:
    match message:
        case OrderCreated():
            known.order = message
        case Reserved(warehouse_id=warehouse):
            known.reserved.add(warehouse)
        case InsufficientStock():
            known.short = True


def decide(known: Open, payment: PaymentGateway) -> list[Message]:
    """Ask for the money when all have reserved; a refusal cancels the order at once."""
    order = known.order
    if order is None:
        return []
    if known.short:
        return cancel(order, Reason.INSUFFICIENT_STOCK)
    if known.reserved < set(order.warehouses):
        return []
    if not payment.charge(order.order_id, order.customer_id, order.total):
        return cancel(order, Reason.PAYMENT_DECLINED)
    deducts = [Deduct(order_id=order.order_id, warehouse_id=name, at=order.at) for name in order.warehouses]
    return [OrderConfirmed(order_id=order.order_id, total=order.total, at=order.at), *deducts]


def cancel(order: OrderCreated, reason: Reason) -> list[Message]:
    """Cancel the order, and release the goods in its warehouse."""
    warehouse = order.warehouses[0]
    return [
        OrderCancelled(order_id=order.order_id, total=order.total, reason=reason, at=order.at),
        Release(order_id=order.order_id, warehouse_id=warehouse, at=order.at),
    ]


class LeakyOrders(OrderService):
    """An order service that goes by these rules and remembers in a dict."""

    hop = replace(HOPS["order"], changelog=None)

    def __init__(self, cluster: Cluster, payment: PaymentGateway, *, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(cluster, payment=payment, clock=clock)
        self.orders: dict[str, Open] = {}

    def handle(self, record: Record, state: State) -> list[Message]:
        message = record.message
        if not isinstance(message, OrderCreated | Reserved | InsufficientStock):
            return []
        known = self.orders.setdefault(message.order_id, Open())
        note(known, message)
        answers = decide(known, self.payment)
        if answers:
            del self.orders[message.order_id]
        return answers

    def tick(self, now: datetime, state: State) -> list[Message]:
        return []
