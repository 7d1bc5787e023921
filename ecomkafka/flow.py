"""Who reads what and writes what: the one wiring that services, trace and tests read.

`ROUTES` says where a message goes and by which field it is keyed; `HOPS` says which service reads which topics. A hop
is one Kafka transaction: what it writes, its changelog and its offsets are committed as a whole or not at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ecomkafka import messages as m
from ecomkafka.contracts.codec import Codec
from ecomkafka.messages import Message


class Route(NamedTuple):
    topic: str
    key: str
    """The field of the message whose value is the record's key: same key, same partition, same order."""


def _to(topic: str, key: str, *types: type[Message]) -> dict[type[Message], Route]:
    return dict.fromkeys(types, Route(topic, key))


ROUTES: dict[type[Message], Route] = (
    _to("orders.events", "order_id", m.OrderCreated, m.OrderConfirmed, m.OrderCancelled)
    | _to("inventory.requests", "warehouse_id", m.Restock, m.Reserve, m.Deduct, m.Release)
    | _to("inventory.responses", "order_id", m.Reserved, m.InsufficientStock, m.Released, m.RollbackRequested)
    | _to("inventory.events", "warehouse_id", m.StockRestocked, m.StockReserved, m.StockDeducted, m.StockReleased)
    | _to("notifications.requests", "order_id", m.SendNotification)
    | _to("notifications.events", "order_id", m.NotificationSent, m.NotificationFailed)
)

RETRY_TOPICS = ("notifications.retry.1", "notifications.retry.2")
DEAD_LETTERS = "notifications.dlq"
QUARANTINE = "quarantine"


@dataclass(frozen=True)
class Hop:
    """One service's place in the flow. Its changelog has the same partitions as each topic it reads.

    A message of a type that it does not know is of a newer version. On the topics that `may_skip` names it is skipped
    and counted: events, which each reader takes or leaves. On all others it is a command or a reply to this service: it
    must be handled, so it waits in quarantine for a version that can.
    """

    service: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    changelog: str | None = None
    may_skip: tuple[str, ...] = ()


HOPS = {
    hop.service: hop
    for hop in (
        Hop("inventory", ("inventory.requests",), ("inventory.responses", "inventory.events"), "inventory.stock"),
        Hop(
            "order",
            ("orders.events", "inventory.responses"),
            ("orders.events", "inventory.requests", "notifications.requests"),
            "orders.sagas",
            may_skip=("orders.events",),
        ),
        Hop(
            "notification",
            ("notifications.requests", *RETRY_TOPICS),
            ("notifications.events", *RETRY_TOPICS, DEAD_LETTERS),
        ),
        Hop(
            "analytics",
            ("orders.events", "inventory.events", "notifications.events"),
            (),
            "analytics.windows",
            may_skip=("orders.events", "inventory.events", "notifications.events"),
        ),
    )
}


def _types(topic: str) -> Iterable[type[Message]]:
    if topic in (*RETRY_TOPICS, DEAD_LETTERS):
        topic = "notifications.requests"
    return (message for message, route in ROUTES.items() if route.topic == topic)


CODECS: dict[str, Codec] = {
    topic: Codec(*_types(topic))
    for topic in (*dict.fromkeys(r.topic for r in ROUTES.values()), *RETRY_TOPICS, DEAD_LETTERS)
}
"""What may be on a topic; anything else is quarantined, but for what a hop may skip."""


def key_of(message: Message) -> str:
    """The record's key: for example the order_id of an ORDER_CREATED."""
    return str(getattr(message, ROUTES[type(message)].key))


def correlation_of(message: Message) -> str:
    """The order a message belongs to; a restock belongs to none and stands for itself."""
    return str(getattr(message, "order_id", None) or getattr(message, "restock_id", ""))
