"""Wrong answers to the exercises of lesson 14, and the hint that is meant for each."""

from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.checking.another_process import UNSTEADY
from ecomkafka.exercises.lesson_14 import assignor
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


def range_anew(owned: dict[str, list[int]], members: list[str]) -> dict[str, list[int]]:
    numbers = sorted(number for parts in owned.values() for number in parts)
    small, more = divmod(len(numbers), len(members))
    taken = iter(numbers)
    return {name: [next(taken) for _ in range(small + (n < more))] for n, name in enumerate(sorted(members))}


def leaves_everything(owned: dict[str, list[int]], members: list[str]) -> dict[str, list[int]]:
    return owned


def newcomers_get_nothing(owned: dict[str, list[int]], members: list[str]) -> dict[str, list[int]]:
    found = {name: list(owned.get(name, [])) for name in members}
    found[members[0]] += [number for name, parts in owned.items() if name not in members for number in parts]
    return found


def forgets_those_of_the_dead(owned: dict[str, list[int]], members: list[str]) -> dict[str, list[int]]:
    return range_anew({name: parts for name, parts in owned.items() if name in members}, members)


def greater_shares_by_name(owned: dict[str, list[int]], members: list[str]) -> dict[str, list[int]]:
    numbers = [number for parts in owned.values() for number in parts]
    small, more = divmod(len(numbers), len(members))
    share = {name: small + (n < more) for n, name in enumerate(sorted(members))}
    kept = {name: owned.get(name, [])[: share[name]] for name in members}
    free = [number for number in numbers if not any(number in parts for parts in kept.values())]
    return {name: kept[name] + [free.pop() for _ in range(share[name] - len(kept[name]))] for name in members}


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
        (range_anew, assignor.MOVED),
        (greater_shares_by_name, assignor.MOVED),
        (leaves_everything, assignor.MEMBERS),
        (newcomers_get_nothing, assignor.UNFAIR),
        (forgets_those_of_the_dead, assignor.NOBODY),
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
