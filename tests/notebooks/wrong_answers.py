"""Wrong answers that a student may well give, and the hint that is meant for each."""

from collections.abc import Callable
from typing import Any

from kafka.partitioner.default import murmur2

from ecomkafka.lab.exercises import lesson_01, lesson_02

Wrong = tuple[Callable[..., Any], str]


def only_updates(table: dict[str, str], event: Any) -> None:
    if event.type == "ORDER_CREATED":
        table[event.order_id] = "PENDING"
    elif event.order_id in table:
        table[event.order_id] = "CONFIRMED"


def last_one_wins(table: dict[str, str], event: Any) -> None:
    table[event.order_id] = "PENDING" if event.type == "ORDER_CREATED" else "CONFIRMED"


def reopening(status: str | None, event: Any) -> str:
    if event.type != "ORDER_CREATED" and status is None:
        raise ValueError(event.order_id)
    return "PENDING" if event.type == "ORDER_CREATED" else str(event.type.removeprefix("ORDER_"))


def inventing(status: str | None, event: Any) -> str:
    return status or "PENDING" if event.type == "ORDER_CREATED" else str(event.type.removeprefix("ORDER_"))


def pending_now(events: list[Any], number: int) -> list[str]:
    ended = {event.order_id for event in events if event.type != "ORDER_CREATED"}
    return [event.order_id for event in events[:number] if event.order_id not in ended]


def all_created(events: list[Any], number: int) -> list[str]:
    return list(dict.fromkeys(event.order_id for event in events[:number]))


def money(database: Any, record: Any) -> None:
    if record.message.type == "ORDER_CONFIRMED":
        database.execute("INSERT INTO revenue VALUES (?)", (int(100 * record.message.total),))


def offset(database: Any, record: Any) -> None:
    database.execute("INSERT OR REPLACE INTO offsets VALUES (?, ?)", (record.partition, record.offset + 1))


def money_first(database: Any, records: list[Any]) -> None:
    for record in records:
        for write in (money, offset):
            write(database, record)
            database.commit()


def offset_first(database: Any, records: list[Any]) -> None:
    for record in records:
        for write in (offset, money):
            write(database, record)
            database.commit()


def never_commits(database: Any, records: list[Any]) -> None:
    for record in records:
        money(database, record)
        offset(database, record)


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
    "02.q1": [
        (reopening, lesson_02.REOPENED),
        (inventing, lesson_02.INVENTED),
        (lambda status, event: "PENDING", lesson_02.NOT_FOLDED),
    ],
    "02.q2": [(pending_now, lesson_02.HINDSIGHT), (all_created, lesson_02.ENDED)],
    "02.q3": [
        (money_first, lesson_02.COUNTED_TWICE),
        (offset_first, lesson_02.NEVER_COUNTED),
        (never_commits, lesson_02.NOT_COMMITTED),
    ],
}
