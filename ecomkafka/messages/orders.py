"""Events of orders: the topic `orders.events`, keyed by order_id."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from ecomkafka.messages.values import EXACT, Currency, Id, Message, OpenEnum, Positive, Utc, Value, check_money


class Reason(OpenEnum):
    """Why an order was cancelled."""

    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    ROLLED_BACK = "ROLLED_BACK"
    CUSTOMER_REQUEST = "CUSTOMER_REQUEST"
    TIMEOUT = "TIMEOUT"


class Line(Value, frozen=True, omit_defaults=True, repr_omit_defaults=True):
    """One line of an order: `price` is for one unit, `discount` is taken off the whole line."""

    product_id: Id
    quantity: Positive
    price: Decimal
    discount: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        check_money("price", self.price)
        if self.discount:  # most have none, and every reader of an order comes by here
            check_money("discount", self.discount)

    @property
    def amount(self) -> Decimal:
        return EXACT.subtract(EXACT.multiply(self.price, self.quantity), self.discount)


class OrderEvent(Message, frozen=True):
    """What happened to an order of `total` (money)."""

    order_id: Id
    total: Decimal

    def __post_init__(self) -> None:
        check_money("total", self.total)


class OrderCreated(OrderEvent, frozen=True, omit_defaults=True, repr_omit_defaults=True):
    """An order was accepted. `deadline` is wall-clock time: past it the order is cancelled."""

    customer_id: Id
    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]
    warehouses: Annotated[tuple[Id, ...], Meta(min_length=1)]
    deadline: Utc
    currency: Currency = "EUR"


class OrderConfirmed(OrderEvent, frozen=True):
    """Every warehouse has reserved and the payment was approved: the order's good end."""


class OrderCancelled(OrderEvent, frozen=True):
    """The order's other end; what it held is released."""

    reason: Reason
