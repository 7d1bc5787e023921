"""Wrong answers that a student may well give, and the hint that is meant for each."""

from collections.abc import Callable
from typing import Any

from kafka.partitioner.default import murmur2

from ecomkafka.lab.exercises import lesson_01

Wrong = tuple[Callable[..., Any], str]


def only_updates(table: dict[str, str], event: Any) -> None:
    if event.type == "ORDER_CREATED":
        table[event.order_id] = "PENDING"
    elif event.order_id in table:
        table[event.order_id] = "CONFIRMED"


def last_one_wins(table: dict[str, str], event: Any) -> None:
    table[event.order_id] = "PENDING" if event.type == "ORDER_CREATED" else "CONFIRMED"


WRONG: dict[str, list[Wrong]] = {
    "01.q1": [
        (lambda event: None, lesson_01.NO_KEY),
        (lambda event: event.type, lesson_01.TORN),
        (lambda event: "orders", lesson_01.ONE_FOR_ALL),
    ],
    "01.q2": [
        (lambda key, partitions: len(key) % partitions, lesson_01.OWN_HASH),
        (lambda key, partitions: murmur2(key.encode()) % partitions, lesson_01.SIGN),
    ],
    "01.q3": [
        (lambda transactions: sum(records for records, _ in transactions), lesson_01.NO_MARKERS),
        (lambda transactions: sum(records + 1 for records, well in transactions if well), lesson_01.ONLY_COMMITTED),
    ],
    "01.q4": [(only_updates, lesson_01.LOST_END), (last_one_wins, lesson_01.OVERWRITTEN)],
}
