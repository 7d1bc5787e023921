"""The shop's windows, as a topology of Kafka Streams: orders and money of each five minutes of `orders.events`.

Every function here is called by Java, once per record.
"""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

TOPIC = "orders.events"
STORE = "windows"
_COLUMNS = {"ORDER_CREATED": "created", "ORDER_CONFIRMED": "confirmed", "ORDER_CANCELLED": "cancelled"}


def event_time(record: Any, _highest: int) -> int:
    """When the order was placed, in milliseconds: it is in the message, the record's timestamp is the producer's."""
    at = datetime.fromisoformat(json.loads(record.value())["at"])
    return int(at.timestamp() * 1000)


def day_of(_order_id: str, event: str) -> Any:
    """The key of a window's sums: all events of a day come to one partition."""
    return _text(json.loads(event)["at"][:10])


def add(_day: str, event: str, sums: str) -> Any:
    """The window's sums with one more event. Money is a Decimal, and a text in JSON."""
    told, added = json.loads(event), json.loads(sums)
    count, money = added.get(told["type"], (0, "0"))
    added[told["type"]] = count + 1, str(Decimal(money) + Decimal(told["total"]))
    return _text(json.dumps(added))


def topology(topic: str, grace: Any) -> Any:
    """`grace`, a java.time.Duration, is how long after its end a window takes events."""
    from java.time import Duration
    from org.apache.kafka.common.serialization import Serdes
    from org.apache.kafka.streams import StreamsBuilder
    from org.apache.kafka.streams.kstream import Consumed, Grouped, TimeWindows

    text = Serdes.String()
    builder = StreamsBuilder()
    by_event_time = Consumed.with_(text, text).withTimestampExtractor(event_time)
    by_day = builder.stream(topic, by_event_time).groupBy(day_of, Grouped.with_("day", text, text))
    windows = TimeWindows.ofSizeAndGrace(Duration.ofMinutes(5), grace)
    by_day.windowedBy(windows).aggregate(lambda: _text("{}"), add, stored(STORE))
    return builder.build()


def stored(name: str) -> Any:
    """A store of texts in memory, whose changelog forgets no window of an old event time."""
    from java.time import Duration
    from org.apache.kafka.common.serialization import Serdes
    from org.apache.kafka.streams.kstream import Materialized
    from org.apache.kafka.streams.state import BuiltInDslStoreSuppliers

    text = Serdes.String()
    memory = Materialized.as_(name).withStoreType(BuiltInDslStoreSuppliers.IN_MEMORY)
    return memory.withKeySerde(text).withValueSerde(text).withRetention(Duration.ofDays(10_000))


def figures(store: dict[Any, str]) -> dict[datetime, dict[str, Any]]:
    """By the start of each window: created, confirmed, cancelled, revenue. `store` is what the engine holds."""
    rows: dict[datetime, dict[str, Any]] = {}
    for (_day, start, _end), sums in store.items():
        told = json.loads(sums)
        row: dict[str, Any] = {name: told.get(kind, (0, "0"))[0] for kind, name in _COLUMNS.items()}
        rows[start] = row | {"revenue": Decimal(told.get("ORDER_CONFIRMED", (0, "0"))[1])}
    return dict(sorted(rows.items()))


def _text(value: str) -> Any:
    from java.lang import String

    return String(value)
