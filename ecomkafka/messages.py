"""Every command and event of the shop, frozen, and how one becomes bytes; `contracts` has the way back.

Money is `Decimal` and travels as a string. Times are aware UTC datetimes. The field `type` names the message.
Every message carries `at`, its event time: when the order that set it off was placed (see `domain/windows/window.py`).
"""

import re
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

import msgspec
from msgspec import Meta
from msgspec import field as field  # for the domain, which imports no library but by this module
from msgspec.structs import replace as replace

Id = Annotated[str, Meta(min_length=1, max_length=100)]
LongId = Annotated[str, Meta(min_length=1, max_length=150)]
"""Made of an Id and what it is about."""

MAX_UNITS = 1_000_000_000
Positive = Annotated[int, Meta(gt=0, le=MAX_UNITS)]
NotNegative = Annotated[int, Meta(ge=0)]
Utc = Annotated[datetime, Meta(tz=True)]
Currency = Annotated[str, Meta(min_length=3, max_length=3, pattern="^[A-Z]{3}$")]  # ISO 4217


_SMALLEST = Decimal("0.0001")
MAX_MONEY = Decimal(10) ** 14
"""A cap keeps every sum exact: Decimal has 28 digits, a column of SQL 18."""


def check_money(name: str, amount: Decimal) -> None:
    """Raise ValueError unless `amount` is from 0 to MAX_MONEY with at most 4 decimals: JSON's "NaN" and "9E+99" are
    Decimals.
    """
    if not amount.is_finite() or not 0 <= amount <= MAX_MONEY or amount != amount.quantize(_SMALLEST):
        raise ValueError(f"{name} is {amount!s:.80}: an amount from 0 to 1E+14 with at most 4 decimals is allowed")


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A thing that is only what it holds: compared by its fields, never changed, in no cycle of references (`gc`).

    A field that it does not know is passed over where one is decoded: a newer version may have written it.
    """


def _tag(class_name: str) -> str:
    """OrderCreated -> ORDER_CREATED."""
    return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(class_name)).upper()


class Message(Value, frozen=True, kw_only=True, tag_field="type", tag=_tag):
    """What a topic carries. Commands are imperatives, events are past tense."""

    at: Utc

    @property
    def type(self) -> str:
        return str(type(self).__struct_config__.tag)


MEMBER = "[A-Z][A-Z0-9_]{0,49}"  # of a list, also one that only a newer version knows


class OpenEnum(StrEnum):
    """A list that newer versions make longer: a member that this version does not know keeps its name."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str) or not re.fullmatch(MEMBER, value):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        return self.name in type(self).__members__


class Reason(OpenEnum):
    """Why an order was cancelled."""

    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    ROLLED_BACK = "ROLLED_BACK"
    CUSTOMER_REQUEST = "CUSTOMER_REQUEST"
    TIMEOUT = "TIMEOUT"


class Item(Value, frozen=True, array_like=True):
    """So many units of a product; `[product_id, quantity]` on the wire."""

    product_id: Id
    quantity: Positive


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
        return self.price * self.quantity - self.discount


# --- orders.events, keyed by order_id


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


# --- inventory.requests, keyed by warehouse_id


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


# --- inventory.responses, keyed by order_id: each is addressed to that order's saga


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


# --- inventory.events, keyed by warehouse_id


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


# --- notifications.requests and its retry topics, keyed by order_id


class Kind(OpenEnum):
    """What a notification tells the customer."""

    ORDER_CONFIRMED = "ORDER_CONFIRMED"
    ORDER_CANCELLED = "ORDER_CANCELLED"


class SendNotification(Message, frozen=True):
    """Tell the customer. `notification_id` becomes the mail's Message-ID, so a second copy can be recognised."""

    notification_id: LongId
    order_id: Id
    customer_id: Id
    kind: Kind
    total: Decimal
    reason: Reason | None = None

    def __post_init__(self) -> None:
        check_money("total", self.total)


# --- notifications.events, keyed by order_id


class NotificationSent(Message, frozen=True):
    notification_id: LongId
    order_id: Id
    attempt: Positive


class NotificationFailed(Message, frozen=True):
    """Every attempt failed; the request is in notifications.dlq. `error`: the `reason`, as readers of v1 need it."""

    notification_id: LongId
    order_id: Id
    attempts: Positive
    reason: str
    error: str


MESSAGES: tuple[type[Message], ...] = (
    OrderCreated, OrderConfirmed, OrderCancelled,
    Restock, Reserve, Deduct, Release,
    Reserved, InsufficientStock, Released, RollbackRequested,
    StockRestocked, StockReserved, StockDeducted, StockReleased,
    SendNotification, NotificationSent, NotificationFailed,
)  # fmt: skip

_encoder = msgspec.json.Encoder()
encode = _encoder.encode
"""A message as bytes; `contracts/codec.py` is the way back."""
