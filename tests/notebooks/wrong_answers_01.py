"""Wrong answers to the exercises of lesson 01, and the hint that is meant for each."""

import json
import struct
from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.lesson_01 import questions as lesson_01
from tests.waiting import PATIENCE

Wrong = tuple[Callable[..., Any], str]


def without_a_key(producer: Any, topic: str, orders: list[dict[str, Any]]) -> list[tuple[int, int]]:
    futures = [producer.send(topic, json.dumps(order).encode()) for order in orders]
    producer.flush(timeout=PATIENCE)
    return [(future.value.partition, future.value.offset) for future in futures]


def as_python_shows_it(producer: Any, topic: str, orders: list[dict[str, Any]]) -> None:
    for order in orders:
        producer.send(topic, key=order["order_id"].encode(), value=str(order).encode())
    producer.flush(timeout=PATIENCE)


def forgets_the_last(producer: Any, topic: str, orders: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return lesson_01.publish(producer, topic, orders[:-1])


def counts_by_itself(producer: Any, topic: str, orders: list[dict[str, Any]]) -> list[tuple[int, int]]:
    lesson_01.publish(producer, topic, orders)
    return [(0, number) for number in range(len(orders))]


def commits_first(consumer: Any, pack: Any) -> None:
    while batch := consumer.poll(timeout_ms=1000):
        consumer.commit()
        for records in batch.values():
            for record in records:
                pack(record)


def never_commits(consumer: Any, pack: Any) -> None:
    while batch := consumer.poll(timeout_ms=1000):
        for records in batch.values():
            for record in records:
                pack(record)


def packs_one_of_a_batch(consumer: Any, pack: Any) -> None:
    while batch := consumer.poll(timeout_ms=1000):
        for records in batch.values():
            pack(records[0])
        consumer.commit()


def header_at(frame: bytes, start: int, form: str) -> dict[str, Any]:
    key, version, number, length = struct.unpack_from(f"{form}hhih", frame, start)
    client = None if length < 0 else frame[start + 10 : start + 10 + length].decode("utf-8", "replace")
    found = {"size": len(frame) - 4, "api_key": key, "api_version": version, "correlation_id": number}
    return {**found, "client_id": client}


def never_none(frame: bytes) -> dict[str, Any]:
    found = lesson_01.header(frame)
    return {**found, "client_id": found["client_id"] or ""}


WRONG: dict[str, list[Wrong]] = {
    "01.q1": [
        (without_a_key, lesson_01.NO_KEY),
        (as_python_shows_it, lesson_01.NOT_JSON),
        (forgets_the_last, lesson_01.MISSING),
        (counts_by_itself, lesson_01.NO_ANSWER),
    ],
    "01.q2": [
        (commits_first, lesson_01.LOST),
        (never_commits, lesson_01.AGAIN),
        (packs_one_of_a_batch, lesson_01.STOPPED),
    ],
    "01.q3": [
        (lambda frame: header_at(frame, 0, ">"), lesson_01.SIZE_FIRST),
        (lambda frame: header_at(frame, 4, "<"), lesson_01.BIG_ENDIAN),
        (never_none, lesson_01.CLIENT_ID),
    ],
}
