"""Seeing inside: the slow step on the way to an order's last record."""

from collections.abc import Mapping, Sequence
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_17.stage import Step, order_of

NEIGHBOURS = "Two records that stand side by side in time need not have to do with each other. Go by `causation`."
OTHER_STEP = "The last record did not wait for that step, or longer for another one. Walk back from it, step by step."
PAIR = "a pair: the place of the cause, and the place of what it caused"

FIRST_THE_CAUSE = "These two belong together. First comes the place of the cause, then that of what it caused."

SLOW_ANSWER: Mapping[str, Step] = {
    "created": ("orders.events", None, 0),
    "reserve": ("inventory.requests", None, 0),
    "reserved": ("inventory.responses", "reserve", 20),
    "noted": ("inventory.events", "reserve", 800),
    "confirmed": ("orders.events", "reserved", 1_550),
    "request": ("notifications.requests", "reserved", 1_550),
    "deduct": ("inventory.requests", "reserved", 1_550),
    "deducted": ("inventory.events", "deduct", 1_900),
    "sent": ("notifications.events", "request", 2_450),
}
RETRIED: Mapping[str, Step] = {
    "created": ("orders.events", None, 0),
    "reserve": ("inventory.requests", None, 0),
    "reserved": ("inventory.responses", "reserve", 20),
    "request": ("notifications.requests", "reserved", 500),
    "deduct": ("inventory.requests", "reserved", 500),
    "first retry": ("notifications.retry.1", "request", 1_600),
    "second retry": ("notifications.retry.2", "first retry", 2_800),
    "deducted": ("inventory.events", "deduct", 3_000),
    "sent": ("notifications.events", "second retry", 3_500),
}
"""The warehouse took longest, and the mail did not wait for it."""


def slowest(records: list[Any]) -> tuple[str, str]:
    """The step on the way to the last record that took longest: the places of cause and effect."""
    by_place = {str(record.position): record for record in records}
    effect = max(records, key=lambda record: record.timestamp)
    steps = []
    while (cause := by_place.get(effect.header("causation"))) is not None:
        steps.append((effect.timestamp - cause.timestamp, str(cause.position), str(effect.position)))
        effect = cause
    _, before, after = max(steps)
    return before, after


def examine_slowest(answer: Bounded, stage: Stage) -> None:
    stage.create(*dict.fromkeys(topic for steps in (SLOW_ANSWER, RETRIED) for topic, _, _ in steps.values()))
    for steps in (SLOW_ANSWER, RETRIED):
        records, names = order_of(stage, steps)
        said, right = answer(list(records)), slowest(records)
        if not isinstance(said, tuple | list) or len(said) != 2:
            raise Wrong(f"Return {PAIR}.", PAIR, f"{said!r:.80}")
        if tuple(map(str, said)) != right:
            expected = f"{names[right[0]]} ({right[0]}), and what it caused: {names[right[1]]} ({right[1]})"
            observed = ", ".join(f"{names.get(str(place), '?')} ({place!s:.40})" for place in said)
            raise Wrong(_why_slow(said, records), expected, observed, right[1])


def _why_slow(said: Sequence[Any], records: Sequence[Record]) -> str:
    causes = {str(record.position): record.header("causation") for record in records}
    first, second = map(str, said)
    if causes.get(first) == second:
        return FIRST_THE_CAUSE
    return OTHER_STEP if second in causes and causes[second] == first else NEIGHBOURS


q4 = Question(
    "17.q4", examine_slowest, slowest, "you found what the last record waited for, and not what was slow beside it."
)
