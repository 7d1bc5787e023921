"""The shop's windows, as a topology of Kafka Streams: orders and money of each five minutes of `orders.events`.

Money is a Decimal in Python and its text in stores and changelogs: no figure is ever a float, so sums are exact.
Counts are of events, as in `domain/windows/window.py`: what was sent twice counts twice. Types of a newer version are
passed over. Every function here is called by Java, once per record.
"""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from ecomkafka.streams.texts import by_event_time, stored, text, time_of

TOPIC = "orders.events"
STORE = "windows"
_COLUMNS = {"ORDER_CREATED": "created", "ORDER_CONFIRMED": "confirmed", "ORDER_CANCELLED": "cancelled"}


def is_counted(_order_id: str, event: str) -> bool:
    """Whether the windows count this type of event."""
    return json.loads(event)["type"] in _COLUMNS


def day_of(_order_id: str, event: str) -> Any:
    """The key of a window's sums, a day (UTC): all events of a window come to one partition."""
    return text(time_of(json.loads(event)).date().isoformat())


def add(_day: str, event: str, sums: str) -> Any:
    """The window's sums with one more event. Money is a Decimal, and a text in JSON."""
    told, added = json.loads(event), json.loads(sums)
    count, money = added.get(told["type"], (0, "0"))
    added[told["type"]] = count + 1, str(Decimal(money) + Decimal(told["total"]))
    return text(json.dumps(added))


def topology(orders: str, grace: Any) -> Any:
    """`grace`, a java.time.Duration, is how long after its end a window takes events. The new key, the day, makes a
    repartition topic.
    """
    from java.time import Duration
    from org.apache.kafka.streams import StreamsBuilder
    from org.apache.kafka.streams.kstream import TimeWindows

    builder = StreamsBuilder()
    events = builder.stream(orders, by_event_time()).filter(is_counted)
    windows = TimeWindows.ofSizeAndGrace(Duration.ofMinutes(5), grace)
    by_day = events.groupBy(day_of).windowedBy(windows)
    by_day.aggregate(lambda: text("{}"), add, stored(STORE))
    return builder.build()


def figures(store: dict[Any, str]) -> dict[datetime, dict[str, Any]]:
    """By the start of each window, under the names of `shop.windows()`: created, confirmed, cancelled; revenue, pending
    and lost as Decimals; conversion, None where no order was created. `store` is what the engine holds.
    """
    return {start: _row(json.loads(sums)) for (_day, start, _end), sums in sorted(store.items())}


def _row(sums: dict[str, tuple[int, str]]) -> dict[str, Any]:
    counts, money = {}, {}
    for kind, name in _COLUMNS.items():
        count, total = sums.get(kind, (0, "0"))
        counts[name], money[name] = count, Decimal(total)
    pending = money["created"] - money["confirmed"] - money["cancelled"]
    conversion = counts["confirmed"] / counts["created"] if counts["created"] else None
    named = {"revenue": money["confirmed"], "pending": pending, "lost": money["cancelled"], "conversion": conversion}
    return counts | named
