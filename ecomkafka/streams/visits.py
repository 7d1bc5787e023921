"""Session windows: a customer's visits, each made of orders with at most `gap` between them."""

import json
from typing import Any

from ecomkafka.streams.texts import by_event_time, stored, text

STORE = "visits"
GUEST = "guest"
"""Who orders without a name: many people, and no customer."""


def is_of_a_customer(_order_id: str, event: str) -> bool:
    told = json.loads(event)
    return bool(told["type"] == "ORDER_CREATED" and told["customer_id"] != GUEST)


def customer_of(_order_id: str, event: str) -> Any:
    return text(json.loads(event)["customer_id"])


def one_more(_customer: str, _event: str, orders: str) -> Any:
    return text(str(int(orders) + 1))


def both(_customer: str, so_far: str, visit: str) -> Any:
    """One visit of two parts. The engine calls it for each visit that is near a new order."""
    return text(str(int(so_far) + int(visit)))


def topology(orders: str, gap: Any, grace: Any) -> Any:
    """How many orders each visit has; `gap` and `grace` are java.time.Durations. The new key, the customer, makes a
    repartition topic.
    """
    from org.apache.kafka.streams import StreamsBuilder
    from org.apache.kafka.streams.kstream import SessionWindows

    builder = StreamsBuilder()
    placed = builder.stream(orders, by_event_time()).filter(is_of_a_customer)
    sessions = SessionWindows.ofInactivityGapAndGrace(gap, grace)
    visits = placed.groupBy(customer_of).windowedBy(sessions)
    visits.aggregate(lambda: text("0"), one_more, both, stored(STORE))
    return builder.build()
