"""Right answers that look different from the solutions: a check judges what an answer does, and not how."""

from collections.abc import Callable, Collection, Iterator, KeysView
from typing import Any

from ecomkafka.exercises import lesson_01, lesson_02, lesson_03, lesson_04, lesson_06, lesson_09, lesson_10


def with_the_starter_s_line_left(event: Any) -> str:
    return str(event.order_id)
    raise NotImplementedError()


def hashes_what_it_need_not(event: Any) -> str:
    return str(event.order_id) if hash(event.order_id) else "never"


def end_by_end(table: dict[str, str], event: Any) -> None:
    ends = {"ORDER_CONFIRMED": "CONFIRMED", "ORDER_CANCELLED": "CANCELLED"}
    table[event.order_id] = ends.get(event.type, table.get(event.order_id, "PENDING"))


def keys(events: list[Any], number: int) -> KeysView[str]:
    return dict.fromkeys(lesson_02.pending_after(events, number)).keys()


def record_by_record(database: Any, records: list[Any]) -> None:
    for record in records:
        lesson_02.project(database, [record])


def looks_first(database: Any, records: list[Any]) -> None:
    known = dict(database.execute("SELECT partition, next_offset FROM offsets"))
    lesson_02.project(database, [record for record in records if record.offset >= known.get(record.partition, 0)])


def one_by_one(events: list[Any], now: Any) -> Iterator[str]:
    yield from lesson_03.overdue(events, now)


def in_lists(messages: list[Any]) -> list[list[str]]:
    return [list(pair) for pair in lesson_03.commands(messages)]


def leaves_a_zero(shelf: dict[str, Any], order_id: str) -> None:
    shelf["available"] += shelf["held"].get(order_id, 0)
    shelf["held"][order_id] = 0


def leaks_in_a_list(events: list[Any]) -> list[tuple[str, str]]:
    return sorted(lesson_04.leaks(events))


def undo_in_turn(reserved: list[str], charge: str) -> Collection[tuple[str, str]]:
    return tuple(lesson_04.undo(reserved, charge))


def asks_before_and_after(shelf: Any, order_id: str) -> bool:
    while not shelf.has(order_id):
        units, version = shelf.read()
        if shelf.has(order_id) or (units and shelf.save(order_id, units - 1, version)):
            return True
        if not units:
            return False
    return True


RIGHT: dict[str, list[Callable[..., Any]]] = {
    "01.q1": [with_the_starter_s_line_left, hashes_what_it_need_not],
    "01.q2": [lambda key, partitions: lesson_01.partition_of(key, partitions)],
    "01.q4": [end_by_end],
    "02.q2": [keys, lambda events, number: tuple(lesson_02.pending_after(events, number))],
    "02.q3": [record_by_record, looks_first],
    "03.q2": [one_by_one, lambda events, now: frozenset(lesson_03.overdue(events, now))],
    "03.q3": [in_lists, lambda messages: set(lesson_03.commands(messages))],
    "04.q1": [leaves_a_zero],
    "04.q2": [leaks_in_a_list],
    "04.q3": [undo_in_turn],
    "06.q2": [lambda log, level: tuple(lesson_06.seen(log, level))],
    "09.q4": [asks_before_and_after],
    "10.q1": [lambda requests, outcomes: frozenset(lesson_10.broken(requests, outcomes))],
    "09.q3": [lambda members, partitions: {n: tuple(p) for n, p in lesson_09.dealt(members, partitions).items()}],
}
