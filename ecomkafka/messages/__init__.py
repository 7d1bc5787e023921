"""Every command and event of the shop, frozen, and how one becomes bytes; `contracts` has the way back.

Money is `Decimal` and travels as a string. Times are aware UTC datetimes. The field `type` names the message.
Every message carries `at`, its event time: when the order that set it off was placed (see `domain/windows/window.py`).
"""

import msgspec
from msgspec import field as field  # for the domain, which imports no library but by this module
from msgspec.structs import replace as replace

from ecomkafka.messages.inventory import Deduct as Deduct
from ecomkafka.messages.inventory import InsufficientStock as InsufficientStock
from ecomkafka.messages.inventory import Item as Item
from ecomkafka.messages.inventory import Level as Level
from ecomkafka.messages.inventory import Release as Release
from ecomkafka.messages.inventory import Released as Released
from ecomkafka.messages.inventory import Reserve as Reserve
from ecomkafka.messages.inventory import Reserved as Reserved
from ecomkafka.messages.inventory import Restock as Restock
from ecomkafka.messages.inventory import RollbackRequested as RollbackRequested
from ecomkafka.messages.inventory import Shortage as Shortage
from ecomkafka.messages.inventory import StockDeducted as StockDeducted
from ecomkafka.messages.inventory import StockEvent as StockEvent
from ecomkafka.messages.inventory import StockReleased as StockReleased
from ecomkafka.messages.inventory import StockReserved as StockReserved
from ecomkafka.messages.inventory import StockRestocked as StockRestocked
from ecomkafka.messages.notifications import Kind as Kind
from ecomkafka.messages.notifications import NotificationFailed as NotificationFailed
from ecomkafka.messages.notifications import NotificationSent as NotificationSent
from ecomkafka.messages.notifications import SendNotification as SendNotification
from ecomkafka.messages.orders import Line as Line
from ecomkafka.messages.orders import OrderCancelled as OrderCancelled
from ecomkafka.messages.orders import OrderConfirmed as OrderConfirmed
from ecomkafka.messages.orders import OrderCreated as OrderCreated
from ecomkafka.messages.orders import OrderEvent as OrderEvent
from ecomkafka.messages.orders import Reason as Reason
from ecomkafka.messages.values import EXACT as EXACT
from ecomkafka.messages.values import MAX_UNITS as MAX_UNITS
from ecomkafka.messages.values import MEMBER as MEMBER
from ecomkafka.messages.values import Message as Message
from ecomkafka.messages.values import OpenEnum as OpenEnum
from ecomkafka.messages.values import Utc as Utc
from ecomkafka.messages.values import Value as Value
from ecomkafka.messages.values import check_money as check_money
from ecomkafka.messages.values import exactly as exactly

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
