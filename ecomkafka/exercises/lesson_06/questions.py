"""Saga: decide by who has answered, notice a deadline, choose the commands to the warehouses."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import pairs, texts
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import (
    InsufficientStock,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    Reason,
    Reserved,
    Shortage,
    replace,
)

EVENTS, RESPONSES = "orders.events", "inventory.responses"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
UNITS = {"LAPTOP-001": 1, "MOUSE-001": 1, "HEADSET-001": 1}
"""One product of each of three warehouses."""


def by_order(event: Any) -> str:
    return str(event.order_id)


def arrivals(stage: Stage) -> Iterator[list[Record]]:
    """The records of two orders that succeed and of one that is refused once, from the broker, as they may arrive.

    Each order of arrival; each beginning of it; and each with its first answer twice.
    """
    stage.create(EVENTS, RESPONSES)
    of_two = {name: units for name, units in UNITS.items() if name != "HEADSET-001"}
    for order_id, refused, units in (("S-1", "", UNITS), ("S-2", "WH-ROME", UNITS), ("S-3", "", of_two)):
        created, asked = messages_of(order_id, "ann", units, NOW)
        events = [r for r in stage.send(EVENTS, [created], by_order) if r.message.order_id == order_id]
        answers = [_answer(order_id, ask.warehouse_id, refused) for ask in asked]
        replies = [r for r in stage.send(RESPONSES, answers, by_order) if r.message.order_id == order_id]
        for sequence in permutations([*events, *replies]):
            for number in range(1, len(sequence) + 1):
                yield list(sequence[:number])
            again = next(record for record in sequence if record.topic == RESPONSES)
            for number in range(2, len(sequence) + 1):
                yield [*sequence[:number], again]


def _answer(order_id: str, warehouse_id: str, refused: str) -> Reserved | InsufficientStock:
    if warehouse_id != refused:
        return Reserved(order_id=order_id, warehouse_id=warehouse_id, at=NOW)
    short = (Shortage(product_id="HEADSET-001", requested=1, available=0),)
    return InsufficientStock(order_id=order_id, warehouse_id=warehouse_id, shortages=short, at=NOW)


def described(records: Sequence[Record]) -> str:
    """What has arrived, for a verdict."""
    return ", ".join(f"{r.message.type} {getattr(r.message, 'warehouse_id', '')}".strip() for r in records)


# --- q1: decide by who answered

COUNTED = "One warehouse answered twice, and you took it for two. Keep who answered: a count can't tell."
TOO_EARLY = (
    "Without ORDER_CREATED nobody knows which warehouses are asked: an early answer is kept, and decides nothing."
)
REFUSAL = "One warehouse has too little. That decides the order, whatever the others say."
UNDECIDED = "All that is needed has arrived, in whatever sequence: the order can be decided."


def decide(messages: list[Any]) -> str:
    """PENDING, CONFIRMED or CANCELLED, from all messages of one order that have arrived."""
    created = [message for message in messages if message.type == "ORDER_CREATED"]
    if not created:
        return "PENDING"
    if any(message.type == "INSUFFICIENT_STOCK" for message in messages):
        return "CANCELLED"
    reserved = {message.warehouse_id for message in messages if message.type == "RESERVED"}
    return "CONFIRMED" if reserved == set(created[0].warehouses) else "PENDING"


def examine_decide(answer: Bounded, stage: Stage) -> None:
    for records in arrivals(stage):
        messages = [record.message for record in records]
        found, right = answer(list(messages)), decide(messages)
        if found != right:
            hint = _why(messages, found, right)
            raise Wrong(hint, f"{right} after {described(records)}", f"{found!r:.60}", records[-1].position)


def _why(messages: Sequence[Any], found: Any, right: str) -> str:
    if not any(isinstance(message, OrderCreated) for message in messages):
        return TOO_EARLY
    if right == "CANCELLED":
        return REFUSAL
    return UNDECIDED if found == "PENDING" else COUNTED


q1 = Question(
    "06.q1",
    examine_decide,
    decide,
    "every order of arrival, every beginning of it and every duplicate is decided as the saga does.",
)

# --- q2: notice what is overdue

ENDED = "That order has ended. A deadline is for those that are still pending."
NOT_YET = (
    "`at` is when the order was placed. How long it may take is its own `deadline`; at that very moment it is in time."
)
FORGOTTEN = "Nobody will ever end this order: its deadline has passed and no end is in the log."


def overdue(events: list[Any], now: datetime) -> set[str]:
    """The ids of the orders whose deadline is before `now` and that have no end."""
    ended = {event.order_id for event in events if event.type != "ORDER_CREATED"}
    created = [event for event in events if event.type == "ORDER_CREATED"]
    return {event.order_id for event in created if event.deadline < now and event.order_id not in ended}


def examine_overdue(answer: Bounded, stage: Stage) -> None:
    stage.create(EVENTS)
    created = [messages_of(f"D-{number}", "ann", UNITS, NOW)[0] for number in range(4)]
    created[2] = replace(created[2], deadline=NOW + timedelta(hours=1))
    ends = [
        OrderConfirmed(order_id="D-1", total=created[1].total, at=NOW),
        OrderCancelled(order_id="D-3", total=created[3].total, reason=Reason.TIMEOUT, at=NOW),
    ]
    records = stage.send(EVENTS, [*created, *ends], by_order)
    events = [record.message for record in records]
    for now in (NOW, created[0].deadline, NOW + timedelta(minutes=5), NOW + timedelta(minutes=90)):
        found, right = set(texts(answer(list(events), now), "a set of order ids")), overdue(events, now)
        if found != right:
            wrong = sorted(found - right)
            hint = ENDED if {"D-1", "D-3"} & found else NOT_YET if wrong else FORGOTTEN
            of_order = {record.message.order_id: record.position for record in reversed(records)}
            about = of_order.get((wrong or sorted(right - found))[0], "nowhere")
            raise Wrong(hint, f"{sorted(right)} at {now:%H:%M:%S}", f"{sorted(found)!r:.60}", about)


q2 = Question(
    "06.q2",
    examine_overdue,
    overdue,
    "asked at three times, you found those that nobody else would have ended.",
)

# --- q3: tell the warehouses

HOLDS_NOTHING = "A warehouse that refused holds nothing: there is nothing to release."
LEFT_OUT = "A warehouse has reserved and gets no command: it would hold the goods for ever."
NOT_DECIDED = "While the order is pending nothing may be deducted, and nothing released."
REPEATED = "That warehouse got two commands, since its answer came twice."


def commands(messages: list[Any]) -> list[tuple[str, str]]:
    """What to send, as (DEDUCT or RELEASE, warehouse id), from all messages of one order that have arrived."""
    created = [message for message in messages if message.type == "ORDER_CREATED"]
    reserved = {message.warehouse_id for message in messages if message.type == "RESERVED"}
    if not created:
        return []
    if any(message.type == "INSUFFICIENT_STOCK" for message in messages):
        return [("RELEASE", name) for name in sorted(reserved)]
    complete = reserved == set(created[0].warehouses)
    return [("DEDUCT", name) for name in sorted(reserved)] if complete else []


def examine_commands(answer: Bounded, stage: Stage) -> None:
    for records in arrivals(stage):
        messages = [record.message for record in records]
        found, right = pairs(answer(list(messages)), "a list of pairs (command, warehouse id)"), commands(messages)
        if sorted(found) != sorted(right):
            raise Wrong(
                _complaint(messages, found),
                f"{right} after {described(records)}",
                f"{found!r:.90}",
                records[-1].position,
            )


def _complaint(messages: Sequence[Any], found: list[tuple[str, str]]) -> str:
    refused = {message.warehouse_id for message in messages if isinstance(message, InsufficientStock)}
    if decide(list(messages)) == "PENDING":
        return NOT_DECIDED
    if len(set(found)) < len(found):
        return REPEATED
    return HOLDS_NOTHING if any(("RELEASE", name) in found for name in refused) else LEFT_OUT


q3 = Question(
    "06.q3",
    examine_commands,
    commands,
    "each warehouse that holds something gets one command, and no other warehouse gets any.",
)
