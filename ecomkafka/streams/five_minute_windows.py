"""The shop's windows, as a topology of Kafka Streams: orders and money of each five minutes of `orders.events`.

Every function here is called by Java, once per record.
"""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from ecomkafka.streams.texts import by_event_time, stored, text

TOPIC = "orders.events"
STORE = "windows"
_COLUMNS = {"ORDER_CREATED": "created", "ORDER_CONFIRMED": "confirmed", "ORDER_CANCELLED": "cancelled"}


def day_of(_order_id: str, event: str) -> Any:
    """The key of a window's sums: all events of a day come to one partition."""
    return text(json.loads(event)["at"][:10])


def add(_day: str, event: str, sums: str) -> Any:
    """The window's sums with one more event. Money is a Decimal, and a text in JSON."""
    told, added = json.loads(event), json.loads(sums)
    count, money = added.get(told["type"], (0, "0"))
    added[told["type"]] = count + 1, str(Decimal(money) + Decimal(told["total"]))
    return text(json.dumps(added))


def topology(orders: str, grace: Any) -> Any:
    """`grace`, a java.time.Duration, is how long after its end a window takes events."""
    from java.time import Duration
    from org.apache.kafka.streams import StreamsBuilder
    from org.apache.kafka.streams.kstream import TimeWindows

    builder = StreamsBuilder()
    by_day = builder.stream(orders, by_event_time()).groupBy(day_of)
    windows = TimeWindows.ofSizeAndGrace(Duration.ofMinutes(5), grace)
    by_day.windowedBy(windows).aggregate(lambda: text("{}"), add, stored(STORE))
    return builder.build()


def figures(store: dict[Any, str]) -> dict[datetime, dict[str, Any]]:
    """By the start of each window: created, confirmed, cancelled, revenue. `store` is what the engine holds."""
    rows: dict[datetime, dict[str, Any]] = {}
    for (_day, start, _end), sums in store.items():
        told = json.loads(sums)
        row: dict[str, Any] = {name: told.get(kind, (0, "0"))[0] for kind, name in _COLUMNS.items()}
        rows[start] = row | {"revenue": Decimal(told.get("ORDER_CONFIRMED", (0, "0"))[1])}
    return dict(sorted(rows.items()))
