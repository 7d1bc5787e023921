"""Wrong answers to the exercises of lesson 05, and the hint that is meant for each."""

from collections.abc import Callable
from itertools import count
from typing import Any

from ecomkafka.exercises import lesson_05

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
    return lesson_05.reserve(shelf, order_id, units)


def forgets_refusals(shelf: dict[str, Any], order_id: str, units: int) -> str:
    if shelf["memory"].get(order_id) == "INSUFFICIENT_STOCK":
        del shelf["memory"][order_id]
    return lesson_05.reserve(shelf, order_id, units)


def always_reserves(shelf: dict[str, Any], order_id: str, units: int) -> str:
    return lesson_05.reserve(shelf, order_id, min(units, shelf["available"]))


def leaves_one(shelf: dict[str, Any], order_id: str, units: int) -> str:
    return lesson_05.reserve(shelf, order_id, units if units < shelf["available"] else 1_000)


def remembers_all(memory: dict[str, Any], order_id: str, most: int) -> bool:
    return lesson_05.is_new(memory, order_id, 1_000)


def one_too_many(memory: dict[str, Any], order_id: str, most: int) -> bool:
    return lesson_05.is_new(memory, order_id, most + 1)


def one_too_few(memory: dict[str, Any], order_id: str, most: int) -> bool:
    return lesson_05.is_new(memory, order_id, most - 1)


def forgets_all(memory: dict[str, Any], order_id: str, most: int) -> bool:
    if len(memory) >= most and order_id not in memory:
        memory.clear()
    return lesson_05.is_new(memory, order_id, most)


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
    "05.q1": [
        (without_memory, lesson_05.OBEYED_AGAIN),
        (says_that_it_is_done, lesson_05.OTHER_ANSWER),
        (forgets_refusals, lesson_05.OTHER_ANSWER),
        (always_reserves, lesson_05.NOT_ENOUGH),
        (leaves_one, lesson_05.NOT_ENOUGH),
    ],
    "05.q2": [
        (lambda click: f"{click.customer_id}-{click.sent_at}", lesson_05.NEW_EACH_TIME),
        (lambda click: f"{click.customer_id}-{click.product_id}", lesson_05.SECOND_WISH),
        (lambda click: "", lesson_05.NO_TEXT),
    ],
    "05.q3": [
        (remembers_all, lesson_05.GROWS),
        (one_too_many, lesson_05.GROWS),
        (one_too_few, lesson_05.FORGOT),
        (forgets_all, lesson_05.FORGOT),
        (forgets_the_newest, lesson_05.FORGOT),
        (remembers_elsewhere, lesson_05.NOT_NEW),
    ],
    "05.q4": [
        (another_key_each_time, lesson_05.OTHER_LIFE),
        (by_offset, lesson_05.OTHER_OFFSET),
        (by_customer, lesson_05.ONE_CHARGE),
        (settles_first, lesson_05.UNPAID),
        (does_not_settle, lesson_05.UNSETTLED),
    ],
}
