"""Wrong answers to the exercises of lesson 15, and the hint that is meant for each."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ecomkafka.exercises.lesson_15 import deployment
from ecomkafka.exercises.lesson_15 import questions as lesson_15

Wrong = tuple[Callable[..., Any], str]
Fields = dict[str, tuple[str, bool]]


def adds_both(events: list[dict[str, Any]]) -> Decimal:
    if any("total" not in event and "amount" not in event for event in events):
        raise ValueError
    return sum((Decimal(event.get("total", 0)) + Decimal(event.get("amount", 0)) for event in events), Decimal(0))


def zero_by_default(events: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(event.get("amount", event.get("total", 0))) for event in events), Decimal(0))


def skips_the_old(events: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(event["amount"]) for event in events if "amount" in event), Decimal(0))


def names_alone(writer: Fields, reader: Fields) -> set[str]:
    return {name for name, (_, required) in reader.items() if required and name not in writer}


def required_alone(writer: Fields, reader: Fields) -> set[str]:
    return {n for n, (_, required) in reader.items() if required and not writer.get(n, ("", False))[1]}


def closed_reader(writer: Fields, reader: Fields) -> set[str]:
    return lesson_15.broken(writer, reader) | (set(writer) - set(reader))


def symmetric(writer: Fields, reader: Fields) -> set[str]:
    return lesson_15.broken(writer, reader) | (set(reader) - set(writer))


def changes_what_it_gets(fields: dict[str, Any]) -> dict[str, Any]:
    fields["currency"] = fields.get("currency", "EUR")
    return lesson_15.as_today(fields)


def always_euros(fields: dict[str, Any]) -> dict[str, Any]:
    return lesson_15.as_today(fields) | {"currency": "EUR"}


def one_step_only(fields: dict[str, Any]) -> dict[str, Any]:
    if "product" in fields:
        return {key: value for key, value in lesson_15.as_today(fields).items() if key != "currency"}
    return lesson_15.as_today(fields)


def keeps_the_old_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | lesson_15.as_today(fields)


def readers_first(writers: list[str], readers: list[str]) -> list[tuple[str, str]]:
    return [(name, "2") for name in [*readers, *writers]]


def without_waiting(writers: list[str], readers: list[str]) -> list[tuple[str, str]]:
    return [step for step in deployment.plan(writers, readers) if step[0] != "log"]


def writers_first(writers: list[str], readers: list[str]) -> list[tuple[str, str]]:
    return [(name, "2") for name in [*writers, *readers]]


WRONG: dict[str, list[Wrong]] = {
    "15.q1": [
        (adds_both, lesson_15.TWICE),
        (zero_by_default, lesson_15.SILENT),
        (skips_the_old, lesson_15.LEFT_OUT),
    ],
    "15.q2": [
        (names_alone, lesson_15.TYPE),
        (required_alone, lesson_15.TYPE),
        (closed_reader, lesson_15.HARMLESS),
        (symmetric, lesson_15.ABSENT),
        (lambda writer, reader: set(), lesson_15.REQUIRED),
    ],
    "15.q3": [
        (changes_what_it_gets, lesson_15.CHANGED),
        (always_euros, lesson_15.OF_TODAY),
        (one_step_only, lesson_15.STEP_LEFT_OUT),
        (keeps_the_old_fields, lesson_15.WRONG_FIELDS),
    ],
    "15.q4": [
        (readers_first, deployment.NEW_RECORD),
        (without_waiting, deployment.OLD_RECORD),
        (writers_first, deployment.NEW_RECORD),
        (lambda writers, readers: [(name, "both") for name in writers], deployment.NOT_DONE),
        (lambda writers, readers: [("kafka", "2")], deployment.UNKNOWN),
    ],
}
