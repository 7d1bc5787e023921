"""A circuit breaker, as a function with a memory."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_16.stage import NoAnswer, Refused

FAILURES, REST = 3, 5.0

NOT_OPENED = (
    "The neighbour was asked, though the circuit is open: three failures in a row, and five seconds are not over."
)
TOO_EARLY = "The neighbour was not asked, though the circuit is closed: fewer than three failures in a row."
NOT_TRIED = "Five seconds are over: one call may try."
STAMPEDE = "A second call came while the one that tries was on its way, and asked the neighbour, too. One call may try."
ANSWER = "A declined card is an answer: the neighbour lives. It is no failure, and ends a row of them."
PASSED_ON = (
    "What the neighbour returns or raises is passed on; without a question to the neighbour `Refused` is raised."
)


class Declined(Exception):
    """The neighbour's answer: no."""


def call(memory: dict[str, Any], work: Callable[[], Any], now: float) -> Any:
    """Call `work`, unless the circuit is open; then raise Refused. `memory` is the same dictionary in each call."""
    if memory.get("failures", 0) >= 3:
        if now < memory["until"]:
            raise Refused
        memory["until"] = now + 5  # this call tries, and no other one
    try:
        result = work()
    except NoAnswer:
        memory["failures"] = memory.get("failures", 0) + 1
        memory["until"] = now + 5
        raise
    except Exception:
        memory.clear()
        raise
    memory.clear()
    return result


FAIL, WELL, NO = "no answer", "well", "declined"
Step = tuple[float, str, bool]
"""When it is called, what the neighbour does, whether it is asked."""

STORIES: tuple[list[Step], ...] = (
    [
        (0, WELL, True),
        (1, FAIL, True),
        (2, FAIL, True),
        (3, WELL, True),
        (4, FAIL, True),
        (5, FAIL, True),
        (6, WELL, True),
    ],
    [(0, FAIL, True), (1, FAIL, True), (2, FAIL, True), (2.1, WELL, False), (6.9, WELL, False), (7, WELL, True)],
    [(0, FAIL, True), (0, FAIL, True), (0, FAIL, True), (5, FAIL, True), (5.1, WELL, False), (9.9, WELL, False)],
    [(0, FAIL, True), (0, FAIL, True), (0, FAIL, True), (5, FAIL, True), (10, WELL, True), (10.1, FAIL, True)],
    [
        (0, FAIL, True),
        (0, FAIL, True),
        (0, FAIL, True),
        (6, WELL, True),
        (7, FAIL, True),
        (8, FAIL, True),
        (9, WELL, True),
    ],
    [(0, FAIL, True), (1, FAIL, True), (2, NO, True), (3, FAIL, True), (4, FAIL, True), (5, WELL, True)],
    [(n, NO, True) for n in range(6)],
)


def examine_call(answer: Bounded, stage: Stage) -> None:
    answer.passes = (NoAnswer, Refused, Declined)
    for story in STORIES:
        memory: dict[str, Any] = {}
        for number, step in enumerate(story):
            _play(answer, memory, step, [*story[:number]])
    _crowd(answer)


def _play(answer: Bounded, memory: dict[str, Any], step: Step, before: list[Step]) -> None:
    now, does, wanted = step
    asked: list[float] = []

    def work() -> str:
        asked.append(now)
        if does == FAIL:
            raise NoAnswer("no answer")
        if does == NO:
            raise Declined("declined")
        return f"well at {now:g}"

    try:
        came = answer(memory, work, now)
    except (NoAnswer, Refused, Declined) as error:
        came = type(error).__name__
    expected = {FAIL: "NoAnswer", NO: "Declined", WELL: f"well at {now:g}"}[does] if wanted else "Refused"
    observed = f"{came!r:.60} at {now:g} s, asked {len(asked)} time(s); before: {[(at, did) for at, did, _ in before]}"
    if bool(asked) != wanted or len(asked) > 1:
        failing = bool(before) and any(not was for *_, was in before)
        declined = any(did == NO for _, did, _ in before)
        open_before = failing or [did for _, did, _ in before[-FAILURES:]] == [FAIL] * FAILURES
        hint = NOT_OPENED if asked else ANSWER if declined else NOT_TRIED if open_before else TOO_EARLY
        raise Wrong(hint, f"{expected}, asked {int(wanted)} time(s)", observed)
    if came != expected:
        raise Wrong(PASSED_ON, expected, observed)


def _crowd(answer: Bounded) -> None:
    """A second call while the one that tries is on its way."""
    memory: dict[str, Any] = {}
    for _ in range(FAILURES):
        _play(answer, memory, (0, FAIL, True), [])
    asked: list[str] = []

    def second() -> str:
        asked.append("second")
        return "second"

    def first() -> str:
        asked.append("first")
        with suppress(Refused):
            answer.function(memory, second, REST)
        return "first"

    answer(memory, first, REST)
    if asked != ["first"]:
        raise Wrong(STAMPEDE, "asked: first", f"asked: {', '.join(asked)}")


q5 = Question(
    "16.q5",
    examine_call,
    call,
    "seven stories and a crowd: a dead neighbour was left alone, and a living one was asked.",
)
