"""Wrong answers to the saga's executor of lesson 07, and the hint that is meant for each."""

from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.lesson_07 import executor
from ecomkafka.exercises.lesson_07.desk import Refused

Wrong = tuple[Callable[..., Any], str]


def undoes_the_last_step_only(desk: Any, steps: list[str]) -> bool:
    if "undo" not in desk.notes():
        try:
            for step in steps:
                desk.do(step)
            return True
        except Refused:
            desk.note("undo")
    desk.undo(steps[-1])
    return False


def notes_the_direction_too_late(desk: Any, steps: list[str]) -> bool:
    if "undo" not in desk.notes():
        try:
            for step in steps:
                desk.do(step)
            return True
        except Refused:
            desk.undo(steps[-1])
            desk.note("undo")
    for step in reversed(steps):
        desk.undo(step)
    return False


def forgets_the_direction(desk: Any, steps: list[str]) -> bool:
    try:
        for step in steps:
            desk.note(step)
            desk.do(step)
        return True
    except Refused:
        for step in reversed(steps):
            if step in desk.notes():
                desk.undo(step)
    return False


def undoes_forwards(desk: Any, steps: list[str]) -> bool:
    if "undo" not in desk.notes():
        try:
            for step in steps:
                desk.note(step)
                desk.do(step)
            return True
        except Refused:
            desk.note("undo")
    for step in steps:
        desk.undo(step)
    return False


def trusts_its_notes(desk: Any, steps: list[str]) -> bool:
    if "undo" not in desk.notes():
        try:
            for step in steps:
                if step not in desk.notes():
                    desk.note(step)
                    desk.do(step)
            return True
        except Refused:
            desk.note("undo")
    for step in reversed(steps):
        desk.undo(step)
    return False


def returns_nothing(desk: Any, steps: list[str]) -> None:
    executor.run(desk, steps)


WRONG: dict[str, list[Wrong]] = {
    "07.q4": [
        (undoes_the_last_step_only, executor.FORGOTTEN),
        (notes_the_direction_too_late, executor.DIRECTION),
        (forgets_the_direction, executor.DIRECTION),
        (undoes_forwards, executor.BACKWARDS),
        (trusts_its_notes, executor.HALF),
        (returns_nothing, executor.RESULT),
    ],
}
