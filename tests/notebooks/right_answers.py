"""Right answers that look different from the solutions: a check judges what an answer does, and not how."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, KeysView
from contextlib import suppress
from typing import Any

from kafka.errors import KafkaError

from ecomkafka.exercises.lesson_02 import questions as lesson_02
from ecomkafka.exercises.lesson_04 import questions as lesson_04
from ecomkafka.exercises.lesson_06 import questions as lesson_06
from ecomkafka.exercises.lesson_07 import questions as lesson_07
from ecomkafka.exercises.lesson_09 import questions as lesson_09
from ecomkafka.exercises.lesson_10 import relay_questions as lesson_10
from ecomkafka.exercises.lesson_14 import assignor
from ecomkafka.exercises.lesson_16 import questions as lesson_16
from ecomkafka.exercises.lesson_18 import questions as lesson_18


def with_the_starter_s_line_left(event: Any) -> str:
    return str(event.order_id)
    raise NotImplementedError()


def hashes_what_it_need_not(event: Any) -> str:
    return str(event.order_id) if hash(event.order_id) else "never"


def end_by_end(table: dict[str, str], event: Any) -> None:
    ends = {"ORDER_CONFIRMED": "CONFIRMED", "ORDER_CANCELLED": "CANCELLED"}
    table[event.order_id] = ends.get(event.type, table.get(event.order_id, "PENDING"))


def keys(events: list[Any], number: int) -> KeysView[str]:
    return dict.fromkeys(lesson_04.pending_after(events, number)).keys()


def record_by_record(database: Any, records: list[Any]) -> None:
    for record in records:
        lesson_04.project(database, [record])


def looks_first(database: Any, records: list[Any]) -> None:
    known = dict(database.execute("SELECT partition, next_offset FROM offsets"))
    lesson_04.project(database, [record for record in records if record.offset >= known.get(record.partition, 0)])


def one_by_one(events: list[Any], now: Any) -> Iterator[str]:
    yield from lesson_06.overdue(events, now)


def in_lists(messages: list[Any]) -> list[list[str]]:
    return [list(pair) for pair in lesson_06.commands(messages)]


def leaves_a_zero(shelf: dict[str, Any], order_id: str) -> None:
    shelf["available"] += shelf["held"].get(order_id, 0)
    shelf["held"][order_id] = 0


def leaks_in_a_list(events: list[Any]) -> list[tuple[str, str]]:
    return sorted(lesson_07.leaks(events))


def undo_in_turn(reserved: list[str], charge: str) -> Collection[tuple[str, str]]:
    return tuple(lesson_07.undo(reserved, charge))


def asks_before_and_after(shelf: Any, order_id: str) -> bool:
    while not shelf.has(order_id):
        units, version = shelf.read()
        if shelf.has(order_id) or (units and shelf.save(order_id, units - 1, version)):
            return True
        if not units:
            return False
    return True


def lets_the_table_refuse_a_copy(database: Any, message: Any) -> None:
    try:
        database.execute("INSERT INTO inbox VALUES (?)", (message.id,))
    except sqlite3.IntegrityError:
        return
    add = "UPDATE points SET points = points + ? WHERE customer = ?"
    database.execute(add, (message.points, message.customer))
    database.commit()


def one_order_after_the_other(desk: Any) -> None:
    rows = desk.unpublished()
    for name in dict.fromkeys(row.order_id for row in rows):
        with suppress(KafkaError):
            for row in (row for row in rows if row.order_id == name):
                desk.publish(row)
                desk.mark(row)


def full_at(times: list[float], rate: float, burst: int) -> list[bool]:
    """One number instead of two: when the bucket is full again (GCRA)."""
    full, passed = 0.0, []
    for now in times:
        next_full = max(full, now) + 1 / rate
        passed.append(next_full - now <= burst / rate + 1e-9)
        full = next_full if passed[-1] else full
    return passed


def notes_and_places_again(desk: Any, key: str, order: dict[str, Any]) -> int:
    order_id = desk.noted(key) or desk.new_id()
    desk.note(key, order_id)
    desk.place(order_id, order)
    return 202 if desk.find(order_id) == order else 422


RIGHT: dict[str, list[Callable[..., Any]]] = {
    "02.q1": [with_the_starter_s_line_left, hashes_what_it_need_not],
    "02.q2": [lambda keys, before, after: sorted(lesson_02.moved(keys, before, after))],
    "02.q4": [end_by_end],
    "04.q2": [keys, lambda events, number: tuple(lesson_04.pending_after(events, number))],
    "04.q3": [record_by_record, looks_first],
    "06.q2": [one_by_one, lambda events, now: frozenset(lesson_06.overdue(events, now))],
    "06.q3": [in_lists, lambda messages: set(lesson_06.commands(messages))],
    "07.q1": [leaves_a_zero],
    "07.q2": [leaks_in_a_list],
    "07.q3": [undo_in_turn],
    "09.q2": [lambda log, level: tuple(lesson_09.seen(log, level))],
    "10.q2": [lets_the_table_refuse_a_copy],
    "10.q4": [lambda commits, polls: sorted(lesson_10.missed(commits, polls))],
    "10.q5": [one_order_after_the_other],
    "14.q4": [asks_before_and_after],
    "16.q2": [full_at],
    "16.q3": [lambda *rush: set(lesson_16.in_time(*rush))],
    "16.q4": [notes_and_places_again],
    "18.q1": [lambda requests, outcomes: frozenset(lesson_18.broken(requests, outcomes))],
    "14.q3": [lambda owned, members: {n: tuple(p) for n, p in assignor.sticky(owned, members).items()}],
}
