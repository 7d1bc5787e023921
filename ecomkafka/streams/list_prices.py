"""A stream-table join: each line of an order with the price that its product had when the order was placed.

A price's record is keyed by its product and says `at` and `price`. The table keeps the history of each price.
"""

import json
from decimal import Decimal
from typing import Any

from ecomkafka.streams.texts import by_event_time, stored, text, time_of

STORE = "revenue"


def remember(_product: str, change: str, history: str) -> Any:
    """The history of a price with one more change."""
    changes = [*json.loads(history), json.loads(change)]
    return text(json.dumps(sorted(changes, key=time_of)))


def at_its_time(line: str, history: str) -> Any:
    """What a line costs at the newest price that is not later than its order."""
    sold, cost = json.loads(line), Decimal(0)
    for change in json.loads(history):
        if time_of(change) <= time_of(sold):
            cost = sold["quantity"] * Decimal(change["price"])
    return text(str(cost))


def lines_of(_order_id: str, event: str) -> Any:
    """The lines of an order that was placed, each with its product as the key."""
    from java.util import ArrayList
    from org.apache.kafka.streams import KeyValue

    told = json.loads(event)
    lines = [{**line, "at": told["at"]} for line in told.get("lines", [])]
    return ArrayList([KeyValue(text(line["product_id"]), text(json.dumps(line))) for line in lines])


def add(_product: str, cost: str, total: str) -> Any:
    return text(str(Decimal(total) + Decimal(cost)))


def topology(orders: str, prices: str) -> Any:
    """Revenue by product, from the topics of these names.

    `flatMap` makes an order's lines and keys them by the product, so a repartition topic follows; the sum has the same
    key, so no second one.
    """
    from org.apache.kafka.streams import StreamsBuilder

    builder = StreamsBuilder()
    changes = builder.stream(prices, by_event_time()).groupByKey()
    history = changes.aggregate(lambda: text("[]"), remember, stored("prices"))
    lines = builder.stream(orders, by_event_time()).flatMap(lines_of)
    costs = lines.join(history, at_its_time)
    costs.groupByKey().aggregate(lambda: text("0"), add, stored(STORE))
    return builder.build()
