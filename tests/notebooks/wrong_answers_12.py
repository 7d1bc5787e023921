"""Wrong answers to the exercises of lesson 12, and the hint that is meant for each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ecomkafka.domain.windows.closing_and_lateness import ALLOWED_LATENESS, IDLE_AFTER
from ecomkafka.domain.windows.window import EPOCH, SIZE, start_of
from ecomkafka.exercises.lesson_12 import questions as lesson_12

Wrong = tuple[Callable[..., Any], str]


def by_the_clock_of_kafka(record: Any, size: timedelta) -> datetime:
    return start_of(datetime.fromtimestamp(record.timestamp / 1000, UTC), size)


def with_its_end(record: Any, size: timedelta) -> datetime:
    return start_of(record.message.at - timedelta(microseconds=1), size)


def to_the_nearest(record: Any, size: timedelta) -> datetime:
    return start_of(record.message.at + size / 2, size)


def of_five_minutes(record: Any, size: timedelta) -> datetime:
    return start_of(record.message.at)


def counts_events(events: list[Any]) -> dict[datetime, float]:
    starts = {start_of(event.at) for event in events if event.type == "ORDER_CREATED"}
    return {start: how_many(events, start, "CONFIRMED") / how_many(events, start, "CREATED") for start in starts}


def of_those_that_ended(events: list[Any]) -> dict[datetime, float]:
    starts = {start_of(event.at) for event in events if event.type != "ORDER_CREATED"}
    good = {start: how_many(events, start, "CONFIRMED") for start in starts}
    return {start: good[start] / (good[start] + how_many(events, start, "CANCELLED")) for start in starts}


def of_those_that_sold(events: list[Any]) -> dict[datetime, float]:
    return {start: share for start, share in lesson_12.conversion(events).items() if share}


def how_many(events: list[Any], start: datetime, what: str) -> int:
    return sum(event.type == f"ORDER_{what}" and start_of(event.at) == start for event in events)


def of_the_fastest(arrivals: list[Any], now: datetime) -> datetime:
    latest: datetime = max(at for _, at, _ in arrivals)
    return latest


def of_the_slowest(arrivals: list[Any], now: datetime) -> datetime:
    marks: list[datetime] = [max(at for other, at, _ in arrivals if other == name) for name, _, _ in arrivals]
    return min(marks)


def idle_a_moment_later(arrivals: list[Any], now: datetime) -> datetime:
    return lesson_12.watermark(arrivals, now - timedelta(microseconds=1))


def of_the_last_words(arrivals: list[Any], now: datetime) -> datetime:
    last = {name: (name, at, read) for name, at, read in arrivals}
    return lesson_12.watermark(list(last.values()), now)


def stays_when_all_are_idle(arrivals: list[Any], now: datetime) -> datetime:
    speaking = [arrival for arrival in arrivals if now - arrival[2] < IDLE_AFTER]
    return lesson_12.watermark(arrivals, now) if speaking else of_the_slowest(arrivals, now)


def reopens(state: dict[str, Any], record: Any) -> None:
    if record.offset >= state["next"]:
        state["next"] = record.offset + 1
        count(state, record)


def throws_away(state: dict[str, Any], record: Any) -> None:
    lesson_12.take(state, record)
    state["late"] = 0


def without_patience(state: dict[str, Any], record: Any) -> None:
    judge(state, record, timedelta(0))


def without_memory(state: dict[str, Any], record: Any) -> None:
    judge(state, record, ALLOWED_LATENESS)


def judge(state: dict[str, Any], record: Any, lateness: timedelta) -> None:
    state["mark"] = max(state["mark"], record.message.at)
    if start_of(record.message.at) + SIZE + lateness <= state["mark"]:
        state["late"] += 1
    else:
        count(state, record)


def count(state: dict[str, Any], record: Any) -> None:
    start = start_of(record.message.at)
    state["windows"][start] = state["windows"].get(start, 0) + 1


WRONG: dict[str, list[Wrong]] = {
    "12.q1": [
        (by_the_clock_of_kafka, lesson_12.WALL_CLOCK),
        (with_its_end, lesson_12.BOUNDARY),
        (to_the_nearest, lesson_12.AHEAD),
        (of_five_minutes, lesson_12.MULTIPLES),
        (lambda record, size: EPOCH, lesson_12.MULTIPLES),
    ],
    "12.q2": [
        (counts_events, lesson_12.TWICE),
        (of_those_that_ended, lesson_12.PENDING),
        (of_those_that_sold, lesson_12.NO_SALE),
        (lambda events: {}, lesson_12.COHORT),
    ],
    "12.q3": [
        (of_the_fastest, lesson_12.FAST),
        (of_the_slowest, lesson_12.IDLE),
        (idle_a_moment_later, lesson_12.IDLE),
        (of_the_last_words, lesson_12.BACK),
        (stays_when_all_are_idle, lesson_12.ALL_IDLE),
    ],
    "12.q4": [
        (reopens, lesson_12.REOPENED),
        (throws_away, lesson_12.DROPPED),
        (without_patience, lesson_12.IMPATIENT),
        (without_memory, lesson_12.COUNTED_AGAIN),
        (lambda state, record: None, lesson_12.LEFT_OUT),
    ],
}
