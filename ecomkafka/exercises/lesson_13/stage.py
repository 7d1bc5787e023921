"""The stage of lesson 13: price lists, orders with lines, and confirmations with their mails."""

import json
import random
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from kafka import TopicPartition

from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.lessons.reading import to_end
from ecomkafka.streams.dated_records import PARTITIONS, write

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
TEN, ELEVEN = timedelta(minutes=10), timedelta(minutes=11)
CONFIRMED, MAIL = "confirmed", "mail"

PRODUCTS = ("BAG", "MUG", "LAMP", "CAKE STAND", "CLOCK", "POSTER")


def at(minutes: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(minutes=minutes)


def clock(when: Any) -> str:
    """For a verdict."""
    return f"{when:%H:%M:%S}" if isinstance(when, datetime) else f"{when!r:.60}"


def changes() -> list[tuple[datetime, Decimal]]:
    """A price list, not in the sequence of its times: 1.95 was read last, and is not the newest."""
    return [(at(0), Decimal("1.65")), (at(240), Decimal("1.45")), (at(120), Decimal("1.95"))]


def orders() -> list[dict[str, Any]]:
    """Five orders of one to three lines, as their events are in JSON."""
    chosen = random.Random(13)
    made = []
    for number in range(5):
        products = chosen.sample(PRODUCTS, 1 + number % 3)
        lines = [{"product_id": product, "quantity": chosen.randint(1, 9), "price": "1.00"} for product in products]
        made.append({"order_id": f"O-{number}", "at": at(number).isoformat(), "lines": lines})
    return made


def written(stage: Stage, topic: str, pairs: Sequence[tuple[str, str]]) -> list[Any]:
    """The records of these keys and values, on the broker: each knows its partition."""
    write(stage.cluster, topic, [(key, value, NOON) for key, value in pairs])
    places = [TopicPartition(stage.cluster.name(topic), number) for number in range(PARTITIONS)]
    with closing(stage.cluster.consumer()) as consumer:
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        return list(to_end(consumer))


def prices(stage: Stage) -> dict[str, int]:
    """Of each product the partition of its price."""
    records = written(stage, "prices", [(product, json.dumps({"price": "1.00"})) for product in PRODUCTS])
    return {record.key.decode(): record.partition for record in records}


Arrival = tuple[str, str, datetime]


def arrivals(seed: int, count: int = 40) -> list[Arrival]:
    """Confirmations and their mails, as they are read: a mail may come first, late, outside of ten minutes, never."""
    chosen = random.Random(seed)
    made: list[tuple[float, Arrival]] = []
    for number in range(count):
        placed = number * 1.5
        made.append((placed + chosen.uniform(0, 3), (CONFIRMED, f"O-{number}", at(placed))))
        distance = chosen.choice([-9, -2, 0.5, 3, 10, 10.5, 14, None])
        if distance is not None:
            read = max(placed + distance, 0) + chosen.uniform(0, 1)
            made.append((read, (MAIL, f"O-{number}", at(placed + distance))))
    return [arrival for _, arrival in sorted(made)]
