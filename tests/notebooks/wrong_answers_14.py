"""Wrong answers to the exercises of lesson 14, and the hint that is meant for each."""

from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.checking.another_process import UNSTEADY
from ecomkafka.exercises.lesson_14 import questions as lesson_14
from ecomkafka.flow import correlation_of

Wrong = tuple[Callable[..., Any], str]


def by_product(command: Any) -> str:
    items = getattr(command, "items", ())
    return str(items[0].product_id if items else command.warehouse_id)


def the_first_value(records: list[Any], partitions: set[int]) -> dict[str, int]:
    first: dict[str, Any] = {}
    for record in records:
        first.setdefault(record.key.decode(), record)
    return {key: int(first[key].value) for key in lesson_14.restore(records, partitions)}


def without_tombstones(records: list[Any], partitions: set[int]) -> dict[str, int]:
    return lesson_14.restore([record for record in records if record.value is not None], partitions)


def none_for_what_is_gone(records: list[Any], partitions: set[int]) -> dict[str, int | None]:
    mine = [record for record in records if record.partition in partitions]
    return {record.key.decode(): None if record.value is None else int(record.value) for record in mine}


def of_all_partitions(records: list[Any], partitions: set[int]) -> dict[str, int]:
    return lesson_14.restore(records, {0, 1, 2})


def like_cards(members: list[str], partitions: int) -> dict[str, list[int]]:
    return {name: list(range(place, partitions, len(members))) for place, name in enumerate(sorted(members))}


def as_they_came(members: list[str], partitions: int) -> dict[str, list[int]]:
    return dict(zip(members, lesson_14.dealt(members, partitions).values(), strict=True))


def the_rest_to_the_last(members: list[str], partitions: int) -> dict[str, list[int]]:
    turned = lesson_14.dealt(members, partitions)
    names, sizes = sorted(members), [len(turned[name]) for name in sorted(members)][::-1]
    return {name: list(range(sum(sizes[:n]), sum(sizes[: n + 1]))) for n, name in enumerate(names)}


def only_whole_shares(members: list[str], partitions: int) -> dict[str, list[int]]:
    share = partitions // len(members)
    return {name: list(range(share * n, share * (n + 1))) for n, name in enumerate(sorted(members))}


def only_those_with_work(members: list[str], partitions: int) -> dict[str, list[int]]:
    return {name: parts for name, parts in lesson_14.dealt(members, partitions).items() if parts}


def looks_and_saves(shelf: Any, order_id: str) -> bool:
    units, _ = shelf.read()
    if shelf.has(order_id):
        return True
    return bool(units and shelf.save(order_id, units - 1))


def does_not_look_at_the_answer(shelf: Any, order_id: str) -> bool:
    units, version = shelf.read()
    if units and not shelf.has(order_id):
        shelf.save(order_id, units - 1, version)
    return bool(units)


def gives_up(shelf: Any, order_id: str) -> bool:
    units, version = shelf.read()
    return shelf.has(order_id) or bool(units and shelf.save(order_id, units - 1, version))


def tries_twice(shelf: Any, order_id: str) -> bool:
    return gives_up(shelf, order_id) or gives_up(shelf, order_id)


def looks_at_the_units_first(shelf: Any, order_id: str) -> bool:
    units, version = shelf.read()
    while units and not shelf.has(order_id) and not shelf.save(order_id, units - 1, version):
        units, version = shelf.read()
    return bool(units)


def without_a_memory(shelf: Any, order_id: str) -> bool:
    units, version = shelf.read()
    while units and not shelf.save(order_id, units - 1, version):
        units, version = shelf.read()
    return bool(units)


def looks_once(shelf: Any, order_id: str) -> bool:
    return shelf.has(order_id) or without_a_memory(shelf, order_id)


WRONG: dict[str, list[Wrong]] = {
    "14.q1": [
        (lambda command: None, lesson_14.NO_KEY),
        (correlation_of, lesson_14.TWO_WRITERS),
        (by_product, lesson_14.TWO_WRITERS),
        (lambda command: "stock", lesson_14.ONE_FOR_ALL),
        (lambda command: str(hash(command.warehouse_id)), UNSTEADY),
    ],
    "14.q2": [
        (the_first_value, lesson_14.OLDER),
        (without_tombstones, lesson_14.GONE),
        (none_for_what_is_gone, lesson_14.GONE),
        (of_all_partitions, lesson_14.NOT_YOURS),
    ],
    "14.q3": [
        (like_cards, lesson_14.STRETCHES),
        (as_they_came, lesson_14.BY_NAME),
        (the_rest_to_the_last, lesson_14.FIRST),
        (only_whole_shares, lesson_14.NOBODY),
        (only_those_with_work, lesson_14.IDLE),
    ],
    "14.q4": [
        (looks_and_saves, lesson_14.OVERSOLD),
        (does_not_look_at_the_answer, lesson_14.PROMISED),
        (gives_up, lesson_14.REFUSED),
        (tries_twice, lesson_14.REFUSED),
        (looks_at_the_units_first, lesson_14.HAS_ONE),
        (without_a_memory, lesson_14.TWICE),
        (looks_once, lesson_14.TWICE),
    ],
}
