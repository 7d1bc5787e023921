"""The stage of lesson 17: partitions and a group's offsets, a day of orders, histograms, the records of one order."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import RetriableError

from ecomkafka.clients.reader import unread
from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.stage import SECONDS, Stage
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import Message, OrderCancelled, OrderConfirmed, Reason, encode

EVENTS = "orders.events"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Place(NamedTuple):
    """A partition, and how far a group is in it."""

    committed: int | None
    first: int
    """The first offset that is still there: retention has deleted those before it."""
    end: int


PLACES = (Place(4, 0, 10), Place(None, 3, 10), Place(2, 5, 10))
"""Of the topic's three partitions."""


@contextmanager
def group_at(stage: Stage, topic: str, places: Sequence[Place]) -> Iterator[dict[int, int]]:
    """Make the partitions so, and let a consumer of the group read to their ends; how many records it got in each."""
    name, group = stage.cluster.name(topic), stage.cluster.name("readers")
    partitions = [TopicPartition(name, number) for number in range(len(places))]
    with stage.cluster.producer() as producer:
        for partition, place in zip(partitions, places, strict=True):
            for _ in range(place.end):
                producer.send(name, b"{}", partition=partition.partition)
        producer.flush(timeout=SECONDS)
    known = dict(zip(partitions, places, strict=True))
    with closing(stage.cluster.admin()) as admin:
        admin.delete_records({partition: place.first for partition, place in known.items() if place.first})
        committed = {p: place.committed for p, place in known.items() if place.committed is not None}
        offsets = {p: OffsetAndMetadata(offset, "", -1) for p, offset in committed.items()}
        stage.until(lambda: _commit(admin, group, offsets), "a coordinator for the group")
        try:
            yield _read_on(stage, group, partitions)
        finally:
            admin.delete_groups([group])


def _commit(admin: Any, group: str, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> bool:
    """Whether they are committed: a broker's first group waits for its coordinator."""
    with suppress(RetriableError):
        admin.alter_group_offsets(group, offsets)
        kept = admin.list_group_offsets([group])[group]
        return all(partition in kept and kept[partition].offset == o.offset for partition, o in offsets.items())
    return False


def _read_on(stage: Stage, group: str, partitions: Sequence[TopicPartition]) -> dict[int, int]:
    got = dict.fromkeys((partition.partition for partition in partitions), 0)
    with stage.cluster.consumer(group_id=group, auto_offset_reset="earliest") as consumer:
        consumer.assign(list(partitions))
        ends = consumer.end_offsets(list(partitions))

        def at_the_end() -> bool:
            for partition, records in consumer.poll(timeout_ms=100).items():
                got[partition.partition] += len(records)
            return not unread(consumer, ends)

        stage.until(at_the_end, "the end of the partitions")
    return got


def day(stage: Stage, lives: Mapping[str, Sequence[tuple[str, float]]]) -> list[Record]:
    """The events of orders, each with its letter (C: created, O: confirmed, X: cancelled) and its second after noon."""
    with stage.cluster.producer() as producer:
        moments = [(second, name, letter) for name, life in lives.items() for letter, second in life]
        for second, name, letter in sorted(moments):
            producer.send(
                stage.cluster.name(EVENTS), encode(_event(name, letter)), key=name.encode(), timestamp_ms=ms(second)
            )
        producer.flush(timeout=SECONDS)
    return stage.read(EVENTS)


def _event(order_id: str, letter: str) -> Message:
    created, _ = messages_of(order_id, "ann", {"MOUSE-001": 1}, NOON)
    end: dict[str, Any] = {"order_id": order_id, "total": created.total, "at": NOON}
    kinds = {"C": created, "O": OrderConfirmed(**end), "X": OrderCancelled(reason=Reason.TIMEOUT, **end)}
    return kinds[letter]


def ms(second: float) -> int:
    """So many seconds after noon, as Kafka writes it."""
    return round(1_000 * (NOON.timestamp() + second))


BOUNDS = (0.1, 0.5, 1.0, 2.0, 5.0, math.inf)
Buckets = dict[float, int]


def histogram(seconds: Sequence[float]) -> Buckets:
    """How many were at most so long, for each bound."""
    return {bound: sum(value <= bound for value in seconds) for bound in BOUNDS}


def observed(seed: int) -> list[list[float]]:
    """The seconds of some programs: one has most of the orders, another one most of the slow ones."""
    random = Random(seed)
    sizes = [random.randint(200, 400), random.randint(5, 40), random.randint(40, 90)]
    slow = [0.01, 0.6, random.random()]
    return [
        [random.uniform(1, 8) if random.random() < share else random.uniform(0, 0.5) for _ in range(size)]
        for size, share in zip(sizes, slow, strict=True)
    ]


Step = tuple[str, str | None, int]
"""A topic, the name of the step that caused it, and its ms since the order."""


def order_of(stage: Stage, steps: Mapping[str, Step]) -> tuple[list[Record], dict[str, str]]:
    """The records of one order, and for each place, "topic:partition:offset", the name of its step."""
    places: dict[str, str] = {}
    with stage.cluster.producer() as producer:
        for name, (topic, cause, after) in steps.items():
            headers = [("causation", places[cause].encode())] if cause else []
            sent = producer.send(
                stage.cluster.name(topic), b"{}", key=name.encode(), headers=headers, timestamp_ms=ms(after / 1_000)
            ).get(timeout=SECONDS)
            places[name] = f"{topic}:{sent.partition}:{sent.offset}"
    names = {place: name for name, place in places.items()}
    topics = dict.fromkeys(topic for topic, _, _ in steps.values())
    return [r for topic in topics for r in stage.read(topic) if str(r.position) in names], names
