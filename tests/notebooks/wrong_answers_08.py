"""Wrong answers to the exercises of lesson 08, and the hint that is meant for each."""

from collections.abc import Callable
from itertools import count
from typing import Any

from ecomkafka.exercises.lesson_08 import questions as lesson_08

Wrong = tuple[Callable[..., Any], str]

numbers = count()
known: set[str] = set()


def without_memory(shelf: dict[str, Any], order_id: str, units: int) -> str:
    if units > shelf["available"]:
        return "INSUFFICIENT_STOCK"
    shelf["available"] -= units
    return "RESERVED"


def says_that_it_is_done(shelf: dict[str, Any], order_id: str, units: int) -> str:
    if order_id in shelf["memory"]:
        return "ALREADY DONE"
    return lesson_08.reserve(shelf, order_id, units)


def forgets_refusals(shelf: dict[str, Any], order_id: str, units: int) -> str:
    if shelf["memory"].get(order_id) == "INSUFFICIENT_STOCK":
        del shelf["memory"][order_id]
    return lesson_08.reserve(shelf, order_id, units)


def always_reserves(shelf: dict[str, Any], order_id: str, units: int) -> str:
    return lesson_08.reserve(shelf, order_id, min(units, shelf["available"]))


def leaves_one(shelf: dict[str, Any], order_id: str, units: int) -> str:
    return lesson_08.reserve(shelf, order_id, units if units < shelf["available"] else 1_000)


def remembers_all(memory: dict[str, Any], order_id: str, most: int) -> bool:
    return lesson_08.is_new(memory, order_id, 1_000)


def one_too_many(memory: dict[str, Any], order_id: str, most: int) -> bool:
    return lesson_08.is_new(memory, order_id, most + 1)


def one_too_few(memory: dict[str, Any], order_id: str, most: int) -> bool:
    return lesson_08.is_new(memory, order_id, most - 1)


def forgets_all(memory: dict[str, Any], order_id: str, most: int) -> bool:
    if len(memory) >= most and order_id not in memory:
        memory.clear()
    return lesson_08.is_new(memory, order_id, most)


def forgets_the_newest(memory: dict[str, Any], order_id: str, most: int) -> bool:
    new = order_id not in memory
    memory[order_id] = True
    if len(memory) > most:
        memory.popitem()
    return new


def remembers_elsewhere(memory: dict[str, Any], order_id: str, most: int) -> bool:
    new = order_id not in known
    known.add(order_id)
    return new


def another_key_each_time(cashier: Any, record: Any) -> None:
    cashier.charge(f"try-{next(numbers)}")
    cashier.settle()


def by_offset(cashier: Any, record: Any) -> None:
    cashier.charge(str(record.position))
    cashier.settle()


def by_customer(cashier: Any, record: Any) -> None:
    cashier.charge(record.message.customer_id)
    cashier.settle()


def settles_first(cashier: Any, record: Any) -> None:
    cashier.settle()
    cashier.charge(record.message.order_id)


def does_not_settle(cashier: Any, record: Any) -> None:
    cashier.charge(record.message.order_id)


WRONG: dict[str, list[Wrong]] = {
    "08.q1": [
        (without_memory, lesson_08.OBEYED_AGAIN),
        (says_that_it_is_done, lesson_08.OTHER_ANSWER),
        (forgets_refusals, lesson_08.OTHER_ANSWER),
        (always_reserves, lesson_08.NOT_ENOUGH),
        (leaves_one, lesson_08.NOT_ENOUGH),
    ],
    "08.q2": [
        (lambda click: f"{click.customer_id}-{click.sent_at}", lesson_08.NEW_EACH_TIME),
        (lambda click: f"{click.customer_id}-{click.product_id}", lesson_08.SECOND_WISH),
        (lambda click: "", lesson_08.NO_TEXT),
    ],
    "08.q3": [
        (remembers_all, lesson_08.GROWS),
        (one_too_many, lesson_08.GROWS),
        (one_too_few, lesson_08.FORGOT),
        (forgets_all, lesson_08.FORGOT),
        (forgets_the_newest, lesson_08.FORGOT),
        (remembers_elsewhere, lesson_08.NOT_NEW),
    ],
    "08.q4": [
        (another_key_each_time, lesson_08.OTHER_LIFE),
        (by_offset, lesson_08.OTHER_OFFSET),
        (by_customer, lesson_08.ONE_CHARGE),
        (settles_first, lesson_08.UNPAID),
        (does_not_settle, lesson_08.UNSETTLED),
    ],
}
