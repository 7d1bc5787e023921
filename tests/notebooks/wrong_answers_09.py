"""Wrong answers to the exercises of lesson 09, and the hint that is meant for each."""

from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.lesson_09 import questions as lesson_09

Wrong = tuple[Callable[..., Any], str]


def two_writes(client: Any) -> None:
    client.reserve()
    client.create()


def the_other_way_round(client: Any) -> None:
    client.create()
    client.reserve()


def begins_too_late(client: Any) -> None:
    client.reserve()
    client.begin()
    client.create()
    client.commit()


def two_transactions(client: Any) -> None:
    for write in (client.create, client.reserve):
        client.begin()
        write()
        client.commit()


def does_not_commit(client: Any) -> None:
    client.begin()
    client.reserve()
    client.create()


def all_that_lies_there(log: list[tuple[str, str]], level: str) -> list[str]:
    return [value for value, _ in log]


def never_aborted_ones(log: list[tuple[str, str]], level: str) -> list[str]:
    return lesson_09.seen(log, "read_committed")


def beyond_the_open_one(log: list[tuple[str, str]], level: str) -> list[str]:
    return [value for value, fate in log if level == "read_uncommitted" or fate in ("committed", "none")]


def only_transactions(log: list[tuple[str, str]], level: str) -> list[str]:
    fates = dict(log)
    return [value for value in lesson_09.seen(log, level) if level == "read_uncommitted" or fates[value] != "none"]


def behind(records: list[Any]) -> dict[int, int]:
    return {record.partition: record.offset + 1 for record in records}


def answers(service: Any, records: list[Any], offsets: dict[int, int]) -> None:
    service.begin()
    for record in records:
        service.answer(record)
    if offsets:
        service.offsets(offsets)
    service.commit()


def one_behind(service: Any, records: list[Any]) -> None:
    answers(service, records, {record.partition: record.offset for record in records})


def of_the_last_one(service: Any, records: list[Any]) -> None:
    answers(service, records, behind(records[-1:]))


def without_offsets(service: Any, records: list[Any]) -> None:
    answers(service, records, {})


def notes_first(service: Any, records: list[Any]) -> None:
    service.note(behind(records))
    answers(service, records, {})


def notes_last(service: Any, records: list[Any]) -> None:
    answers(service, records, {})
    service.note(behind(records))


def just_adds(counter: Any, record: Any) -> None:
    for item in record.message.items:
        units, _ = counter.get(item.product_id)
        counter.put(item.product_id, units + item.quantity, record.offset)


def in_two_steps(counter: Any, record: Any) -> None:
    for item in record.message.items:
        units, offset = counter.get(item.product_id)
        if record.offset > offset:
            counter.put(item.product_id, units + item.quantity, offset)
            counter.put(item.product_id, units + item.quantity, record.offset)


def offset_first(counter: Any, record: Any) -> None:
    for item in record.message.items:
        units, offset = counter.get(item.product_id)
        if record.offset > offset:
            counter.put(item.product_id, units, record.offset)
            counter.put(item.product_id, units + item.quantity, record.offset)


def one_offset_for_all(counter: Any, record: Any) -> None:
    _, done = counter.get("all rows")
    if record.offset > done:
        counter.put("all rows", 0, record.offset)
        just_adds(counter, record)


def stops_at_the_first_row_that_knows(counter: Any, record: Any) -> None:
    for item in record.message.items:
        units, offset = counter.get(item.product_id)
        if record.offset <= offset:
            return
        counter.put(item.product_id, units + item.quantity, record.offset)


def only_the_first_item(counter: Any, record: Any) -> None:
    item = record.message.items[0]
    units, _ = counter.get(item.product_id)
    counter.put(item.product_id, units + item.quantity, record.offset)


WRONG: dict[str, list[Wrong]] = {
    "09.q1": [
        (two_writes, lesson_09.GOODS_ONLY),
        (begins_too_late, lesson_09.GOODS_ONLY),
        (the_other_way_round, lesson_09.ORDER_ONLY),
        (two_transactions, lesson_09.ORDER_ONLY),
        (does_not_commit, lesson_09.NEVER_COUNTS),
    ],
    "09.q2": [
        (all_that_lies_there, lesson_09.NEVER_HAPPENED),
        (never_aborted_ones, lesson_09.EVERYTHING),
        (beyond_the_open_one, lesson_09.BEYOND),
        (only_transactions, lesson_09.HELD_BACK),
    ],
    "09.q3": [
        (one_behind, lesson_09.ONE_BEHIND),
        (of_the_last_one, lesson_09.ONE_OF_TWO),
        (without_offsets, lesson_09.NOT_NOTED),
        (notes_first, lesson_09.ANSWER_LOST),
        (notes_last, lesson_09.ANSWERED_TWICE),
    ],
    "09.q4": [
        (just_adds, lesson_09.COUNTED_AGAIN),
        (in_two_steps, lesson_09.COUNTED_AGAIN),
        (offset_first, lesson_09.NOT_COUNTED),
        (one_offset_for_all, lesson_09.NOT_COUNTED),
        (stops_at_the_first_row_that_knows, lesson_09.NOT_COUNTED),
        (only_the_first_item, lesson_09.WRONG_SUM),
    ],
}
