"""Seeing inside, the open task: an alert that wakes somebody when customers wait, and at no other time."""

from collections.abc import Iterator
from typing import NamedTuple

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong

EVERY = 5
"""Seconds between two samples."""
SOON = 90
"""So many seconds after the beginning of an illness somebody has to be awake."""
CALM = 60
"""So many seconds after its end nobody is called any more."""


class Sample(NamedTuple):
    """What Prometheus has found. A program that is down shows nothing: lag, age and ended are None then."""

    up: bool
    lag: int | None
    age: float | None
    """Of the oldest open order, in seconds."""
    ended: int | None
    """Orders that have ended since the program was started."""


class Day(NamedTuple):
    name: str
    samples: list[Sample]
    ill: tuple[int, int] | None
    """The first and the last sample of the illness."""
    hint: str


QUIET = "Nobody orders at night. That no order ends is no illness while none is open."
BUSY = "A high lag is a busy minute. Nobody has waited longer than usual."
RESTART = "The service was started again, for a new version: it is away for ten seconds, and its counters begin at 0."
PATIENCE = "An order may take until its deadline, 30 s. Older than that is stuck."
SILENT = "Thirty customers wait, and the lag is 0: they wait in sagas."
STUCK = "One order is stuck while hundreds end. The customer of that one waits all the same."
DEAD = "The service is dead. What it measures inside dies with it: there is no age that could be too high."
OVER = "It is over, and people are called still. An alert has to end when the illness ends."

NORMAL = Sample(True, 3, 0.4, 0)
AWAY = Sample(False, None, None, None)


def _busy() -> Iterator[Sample]:
    for number in range(24):
        yield Sample(True, 900 * min(number, 24 - number), 2.5, 4_000 * number)


def _one_slow() -> Iterator[Sample]:
    for number in range(24):
        age = 5.0 * number % 30
        yield Sample(True, 2, age, 100 + number)


def _days() -> Iterator[Day]:
    calm = [NORMAL._replace(ended=10 * number) for number in range(24)]
    yield Day("a quiet night", [Sample(True, 0, 0.0, 7_000)] * 60, None, QUIET)
    yield Day("a busy minute", [*calm, *_busy(), *calm], None, BUSY)
    yield Day("a new version", [*calm, AWAY, AWAY, *calm], None, RESTART)
    yield Day("orders that take until their deadline", [*calm, *_one_slow(), *calm], None, PATIENCE)
    waiting = [Sample(True, 0, 5.0 * number, 240) for number in range(36)]
    yield Day("payment is silent", [*calm, *waiting, *calm], (24, 59), SILENT)
    stuck = [Sample(True, 4, 5.0 * number, 240 + 40 * number) for number in range(36)]
    yield Day("one order is stuck", [*calm, *stuck, *calm], (24, 59), STUCK)
    yield Day("the service is dead", [*calm, *[AWAY] * 36, *calm], (24, 59), DEAD)


def page(history: list[Sample]) -> bool:
    """Whether somebody is to be woken now."""
    if not any(sample.up for sample in history[-6:]):
        return True
    age = history[-1].age
    return age is not None and age > 40


def examine_page(answer: Bounded, stage: Stage) -> None:
    for day in _days():
        rings = [_rings(answer, day, number) for number in range(len(day.samples))]
        first, last = day.ill or (len(rings), len(rings))
        before, after = rings[:first], rings[last + 1 + CALM // EVERY :]
        if any(before):
            raise _wrong(day, day.hint if day.ill is None else RESTART, "silence", before.index(True), rings)
        if day.ill and not any(rings[first : first + SOON // EVERY]):
            raise _wrong(day, day.hint, f"a call within {SOON} s of second {first * EVERY}", first, rings)
        if any(after):
            raise _wrong(day, OVER, f"silence {CALM} s after the end", last + 1 + CALM // EVERY, rings)


def _rings(answer: Bounded, day: Day, number: int) -> bool:
    said = answer(list(day.samples[: number + 1]))
    if not isinstance(said, bool):
        raise Wrong("Return True or False.", "True or False", f"{said!r:.80}")
    return said


def _wrong(day: Day, hint: str, expected: str, number: int, rings: list[bool]) -> Wrong:
    called = [EVERY * at for at, ring in enumerate(rings) if ring]
    observed = f"called at second {called[0]} to {called[-1]}" if called else "nobody was called"
    return Wrong(hint, f"{day.name}: {expected}", observed, f"second {EVERY * number}: {day.samples[number]}")


q5 = Question(
    "17.q5",
    examine_page,
    page,
    "four days on which nobody was called for nothing, and three on which somebody came in time.",
)
