"""Commands to the warehouses, their answers, and the events of their stock.

`inventory.requests` and `inventory.events` are keyed by warehouse_id. `inventory.responses` is keyed by order_id: each
answer is addressed to that order's saga.
"""

from ecomkafka.messages.orders import Reason
from ecomkafka.messages.values import Id, Message, NotNegative, Positive, Value


class Item(Value, frozen=True, array_like=True):
    """So many units of a product; `[product_id, quantity]` on the wire."""

    product_id: Id
    quantity: Positive


class Restock(Message, frozen=True):
    """Put goods on the shelf; `restock_id` makes it safe to send twice."""

    restock_id: Id
    warehouse_id: Id
    items: tuple[Item, ...]


class Reserve(Message, frozen=True):
    """Hold all of these items for the order, or none."""

    order_id: Id
    warehouse_id: Id
    items: tuple[Item, ...]


class Deduct(Message, frozen=True):
    """The order is confirmed: what it holds leaves the warehouse."""

    order_id: Id
    warehouse_id: Id


class Release(Message, frozen=True):
    """The order is cancelled: what it holds is free again (the compensation of Reserve)."""

    order_id: Id
    warehouse_id: Id


class Reserved(Message, frozen=True):
    order_id: Id
    warehouse_id: Id


class Shortage(Value, frozen=True):
    product_id: Id
    requested: Positive
    available: NotNegative


class InsufficientStock(Message, frozen=True):
    order_id: Id
    warehouse_id: Id
    shortages: tuple[Shortage, ...]


class Released(Message, frozen=True):
    order_id: Id
    warehouse_id: Id


class RollbackRequested(Message, frozen=True, omit_defaults=True, repr_omit_defaults=True):
    """Inventory, or the customer, asks the saga to undo an order that is still pending."""

    order_id: Id
    reason: Reason = Reason.ROLLED_BACK


class Level(Value, frozen=True, array_like=True):
    """A product's stock; `[product_id, on_hand, reserved]` on the wire."""

    product_id: Id
    on_hand: NotNegative
    reserved: NotNegative

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockEvent(Message, frozen=True):
    """What changed in a warehouse: the new levels of the products touched, and the warehouse's totals in units.

    `version` counts the warehouse's changes: of two events the higher one is the newer.
    """

    warehouse_id: Id
    version: NotNegative
    levels: tuple[Level, ...]
    on_hand: NotNegative
    reserved: NotNegative


class StockRestocked(StockEvent, frozen=True):
    restock_id: Id


class StockReserved(StockEvent, frozen=True):
    order_id: Id


class StockDeducted(StockEvent, frozen=True):
    order_id: Id


class StockReleased(StockEvent, frozen=True):
    order_id: Id
