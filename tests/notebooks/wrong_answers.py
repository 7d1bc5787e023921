"""Wrong answers that a student may well give, and the hint that is meant for each."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from kafka.partitioner.default import murmur2

from ecomkafka.exercises.checking.another_process import UNSTEADY
from ecomkafka.exercises.lesson_02 import questions as lesson_02
from ecomkafka.exercises.lesson_04 import questions as lesson_04
from ecomkafka.exercises.lesson_06 import questions as lesson_06
from ecomkafka.exercises.lesson_07 import questions as lesson_07
from tests.notebooks import wrong_answers_06

Wrong = tuple[Callable[..., Any], str]


def _unsigned(key: str, partitions: int) -> int:
    return int(murmur2(key.encode()) % partitions)


def only_updates(table: dict[str, str], event: Any) -> None:
    if event.type == "ORDER_CREATED":
        table[event.order_id] = "PENDING"
    elif event.order_id in table:
        table[event.order_id] = "CONFIRMED"


def last_one_wins(table: dict[str, str], event: Any) -> None:
    table[event.order_id] = "PENDING" if event.type == "ORDER_CREATED" else event.type.removeprefix("ORDER_")


def only_success_is_an_end(table: dict[str, str], event: Any) -> None:
    if event.type == "ORDER_CONFIRMED":
        table[event.order_id] = "CONFIRMED"
    else:
        table.setdefault(event.order_id, "PENDING")


def every_end_is_a_success(table: dict[str, str], event: Any) -> None:
    if event.type == "ORDER_CREATED":
        table.setdefault(event.order_id, "PENDING")
    else:
        table[event.order_id] = "CONFIRMED"


def only_ends(table: dict[str, str], event: Any) -> None:
    if event.type != "ORDER_CREATED":
        lesson_02.apply(table, event)


def reopening(status: str | None, event: Any) -> str:
    if event.type != "ORDER_CREATED" and status is None:
        raise ValueError(event.order_id)
    return "PENDING" if event.type == "ORDER_CREATED" else str(event.type.removeprefix("ORDER_"))


def inventing(status: str | None, event: Any) -> str:
    return status or "PENDING" if event.type == "ORDER_CREATED" else str(event.type.removeprefix("ORDER_"))


def inventing_cancellations(status: str | None, event: Any) -> str:
    if event.type == "ORDER_CONFIRMED" and status is None:
        raise ValueError(event.order_id)
    return inventing(status, event)


def pending_now(events: list[Any], number: int) -> list[str]:
    ended = {event.order_id for event in events if event.type != "ORDER_CREATED"}
    return [event.order_id for event in events[:number] if event.order_id not in ended]


def all_created(events: list[Any], number: int) -> list[str]:
    return list(dict.fromkeys(event.order_id for event in events[:number]))


def by_name(events: list[Any], number: int) -> list[str]:
    return sorted(lesson_04.pending_after(events, number))


def reopens(events: list[Any], number: int) -> list[str]:
    pending: dict[str, None] = {}
    for event in events[:number]:
        if event.type == "ORDER_CREATED":
            pending[event.order_id] = None
        else:
            pending.pop(event.order_id, None)
    return list(pending)


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


def without_offsets(database: Any, records: list[Any]) -> None:
    for record in records:
        money(database, record)
    database.commit()


def one_behind(database: Any, records: list[Any]) -> None:
    for record in records:
        money(database, record)
        database.execute("INSERT OR REPLACE INTO offsets VALUES (?, ?)", (record.partition, record.offset))
    database.commit()


def types(messages: list[Any]) -> list[str]:
    return [message.type for message in messages]


def counts_answers(messages: list[Any]) -> str:
    if "ORDER_CREATED" not in types(messages):
        return "PENDING"
    if "INSUFFICIENT_STOCK" in types(messages):
        return "CANCELLED"
    return "CONFIRMED" if types(messages).count("RESERVED") >= 3 else "PENDING"


def always_three(messages: list[Any]) -> str:
    decided = lesson_06.decide(messages)
    reserved = {message.warehouse_id for message in messages if message.type == "RESERVED"}
    return "PENDING" if decided == "CONFIRMED" and len(reserved) != 3 else decided


def ignores_refusals(messages: list[Any]) -> str:
    return lesson_06.decide([message for message in messages if message.type != "INSUFFICIENT_STOCK"])


def cancels_without_an_order(messages: list[Any]) -> str:
    return "CANCELLED" if "INSUFFICIENT_STOCK" in types(messages) else lesson_06.decide(messages)


def overdue_ends_too(events: list[Any], now: Any) -> set[str]:
    return {event.order_id for event in events if event.type == "ORDER_CREATED" and event.deadline < now}


def overdue_though_cancelled(events: list[Any], now: Any) -> set[str]:
    return lesson_06.overdue([event for event in events if event.type != "ORDER_CANCELLED"], now)


def overdue_at_the_deadline(events: list[Any], now: Any) -> set[str]:
    return lesson_06.overdue(events, now + timedelta(microseconds=1))


def overdue_at_once(events: list[Any], now: Any) -> set[str]:
    ended = {event.order_id for event in events if event.type != "ORDER_CREATED"}
    return {event.order_id for event in events if event.at < now and event.order_id not in ended}


def releases_all(messages: list[Any]) -> list[tuple[str, str]]:
    if "INSUFFICIENT_STOCK" not in types(messages):
        return lesson_06.commands(messages)
    created = [message for message in messages if message.type == "ORDER_CREATED"]
    return [("RELEASE", name) for each in created for name in each.warehouses]


def releases_the_first(messages: list[Any]) -> list[tuple[str, str]]:
    return lesson_06.commands(messages)[:1]


def deducts_at_once(messages: list[Any]) -> list[tuple[str, str]]:
    return [("DEDUCT", message.warehouse_id) for message in messages if message.type == "RESERVED"]


def releases_each_time(shelf: dict[str, Any], order_id: str) -> None:
    shelf["available"] += shelf["held"].get(order_id, 0)


def releases_thirty(shelf: dict[str, Any], order_id: str) -> None:
    shelf["held"].pop(order_id, None)
    shelf["available"] += 30


def forgets_nothing(shelf: dict[str, Any], order_id: str) -> None:
    if order_id not in shelf.setdefault("done", set()):
        shelf["done"].add(order_id)
        shelf["available"] += shelf["held"].get(order_id, 0)


def held_by_anybody(events: list[Any]) -> set[tuple[str, str]]:
    return of_type(events, "STOCK_RESERVED") - of_type(events, "STOCK_RELEASED")


def held_by_whoever_was_not_sold(events: list[Any]) -> set[tuple[str, str]]:
    return held_by_anybody(events) - of_type(events, "STOCK_DEDUCTED")


def held_once(events: list[Any]) -> set[tuple[str, str]]:
    cancelled = {event.order_id for event in events if event.type == "ORDER_CANCELLED"}
    return {pair for pair in of_type(events, "STOCK_RESERVED") if pair[0] in cancelled}


def of_type(events: list[Any], name: str) -> set[tuple[str, str]]:
    return {(event.order_id, event.warehouse_id) for event in events if event.type == name}


def voids_what_it_knows(reserved: list[str], charge: str) -> set[tuple[str, str]]:
    return lesson_07.undo(reserved, "not asked" if charge == "asked" else charge)


def voids_always(reserved: list[str], charge: str) -> set[tuple[str, str]]:
    return lesson_07.undo(reserved, "approved")


def releases_one(reserved: list[str], charge: str) -> set[tuple[str, str]]:
    return lesson_07.undo(reserved[:1], charge)


WRONG: dict[str, list[Wrong]] = {
    "02.q1": [
        (lambda event: None, lesson_02.NO_KEY),
        (lambda event: event.type, lesson_02.SPLIT),
        (lambda event: "orders", lesson_02.ONE_FOR_ALL),
        (lambda event: str(hash(event.order_id)), UNSTEADY),
    ],
    "02.q2": [
        (lambda keys, before, after: set(keys) if before != after else set(), lesson_02.OWN_HASH),
        (lambda keys, before, after: {k for k in keys if _unsigned(k, before) != _unsigned(k, after)}, lesson_02.SIGN),
        (lambda keys, before, after: set(keys) - lesson_02.moved(keys, before, after), lesson_02.STAYED),
    ],
    "02.q3": [
        (lambda transactions: sum(records for records, _ in transactions), lesson_02.NO_MARKERS),
        (lambda transactions: sum(records + 1 for records, well in transactions if well), lesson_02.ONLY_COMMITTED),
    ],
    "02.q4": [
        (only_updates, lesson_02.LOST_END),
        (last_one_wins, lesson_02.OVERWRITTEN),
        (only_success_is_an_end, lesson_02.OTHER_END),
        (every_end_is_a_success, lesson_02.OTHER_END),
        (only_ends, lesson_02.NOT_NOTED),
    ],
    "04.q1": [
        (reopening, lesson_04.REOPENED),
        (inventing, lesson_04.INVENTED),
        (inventing_cancellations, lesson_04.INVENTED),
        (lambda status, event: "PENDING", lesson_04.NOT_FOLDED),
    ],
    "04.q2": [
        (pending_now, lesson_04.HINDSIGHT),
        (all_created, lesson_04.ENDED),
        (by_name, lesson_04.OTHER_ORDER),
        (reopens, lesson_04.REOPENED),
    ],
    "04.q3": [
        (money_first, lesson_04.COUNTED_TWICE),
        (offset_first, lesson_04.NEVER_COUNTED),
        (never_commits, lesson_04.NOT_COMMITTED),
        (without_offsets, lesson_04.COUNTED_TWICE),
        (one_behind, lesson_04.COUNTED_TWICE),
    ],
    "06.q1": [
        (counts_answers, lesson_06.COUNTED),
        (always_three, lesson_06.UNDECIDED),
        (ignores_refusals, lesson_06.REFUSAL),
        (cancels_without_an_order, lesson_06.TOO_EARLY),
    ],
    "06.q2": [
        (overdue_ends_too, lesson_06.ENDED),
        (overdue_though_cancelled, lesson_06.ENDED),
        (overdue_at_the_deadline, lesson_06.NOT_YET),
        (overdue_at_once, lesson_06.NOT_YET),
        (lambda events, now: set(), lesson_06.FORGOTTEN),
    ],
    "06.q3": [
        (releases_all, lesson_06.HOLDS_NOTHING),
        (releases_the_first, lesson_06.LEFT_OUT),
        (deducts_at_once, lesson_06.NOT_DECIDED),
    ],
    **wrong_answers_06.WRONG,
    "07.q1": [
        (releases_each_time, lesson_07.GIVEN_TWICE),
        (forgets_nothing, lesson_07.STILL_HELD),
        (releases_thirty, lesson_07.NOT_HELD),
        (lambda shelf, order_id: None, lesson_07.NOTHING_BACK),
    ],
    "07.q2": [
        (held_by_anybody, lesson_07.SOLD),
        (held_by_whoever_was_not_sold, lesson_07.PENDING),
        (held_once, lesson_07.RELEASED),
        (lambda events: set(), lesson_07.MISSED),
    ],
    "07.q3": [
        (voids_what_it_knows, lesson_07.MAYBE),
        (voids_always, lesson_07.NO_CHARGE),
        (releases_one, lesson_07.FORGOTTEN),
    ],
}
