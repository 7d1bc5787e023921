"""Wrong answers to the exercises of lesson 03, and the hint that is meant for each."""

from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.lesson_03 import questions as lesson_03
from ecomkafka.exercises.lesson_03 import settings_question

Wrong = tuple[Callable[..., Any], str]


def any_that_lives(replicas: list[int], leader: int, in_sync: set[int], dead: set[int], unclean: bool) -> int | None:
    if leader not in dead:
        return leader
    return next((broker for broker in replicas if broker not in dead), None)


def waits_for_nobody(replicas: list[int], leader: int, in_sync: set[int], dead: set[int], unclean: bool) -> int | None:
    return lesson_03.elect(replicas, leader, in_sync, dead, True)


def never_unclean(replicas: list[int], leader: int, in_sync: set[int], dead: set[int], unclean: bool) -> int | None:
    return lesson_03.elect(replicas, leader, in_sync, dead, False)


def first_of_all(replicas: list[int], leader: int, in_sync: set[int], dead: set[int], unclean: bool) -> int | None:
    return lesson_03.elect(replicas, -1, in_sync, dead, unclean)


def lowest_number(replicas: list[int], leader: int, in_sync: set[int], dead: set[int], unclean: bool) -> int | None:
    return lesson_03.elect(sorted(replicas, reverse=True), leader, in_sync, dead, unclean)


def leader_for_ever(replicas: list[int], leader: int, in_sync: set[int], dead: set[int], unclean: bool) -> int:
    return leader


def with_settings(replicas: int, minimum: int, acks: int | str = "all", unclean: bool = False) -> dict[str, Any]:
    return {"replication_factor": replicas, "min_insync_replicas": minimum, "acks": acks, "unclean": unclean}


WRONG: dict[str, list[Wrong]] = {
    "03.q1": [
        (lambda ends, in_sync: min(ends.values()), lesson_03.SLOW),
        (lambda ends, in_sync: max(ends.values()), lesson_03.FAST),
    ],
    "03.q2": [
        (any_that_lives, lesson_03.NOT_IN_SYNC),
        (waits_for_nobody, lesson_03.NO_LEADER),
        (never_unclean, lesson_03.NOBODY),
        (first_of_all, lesson_03.LEADER_STAYS),
        (lowest_number, lesson_03.FIRST),
        (leader_for_ever, lesson_03.DEAD),
    ],
    "03.q3": [
        (lambda acks, minimum, in_sync: lesson_03.told("all" if acks else 0, minimum, in_sync), lesson_03.ONLY_ALL),
        (lambda acks, minimum, in_sync: lesson_03.told(acks or 1, minimum, in_sync), lesson_03.SILENT),
        (lambda acks, minimum, in_sync: lesson_03.told(acks, 1, in_sync), lesson_03.TOO_FEW),
        (lambda acks, minimum, in_sync: lesson_03.told(acks, minimum + 1, in_sync), lesson_03.ENOUGH),
    ],
    "03.q4": [
        (lambda brokers, dead: with_settings(brokers, 1), settings_question.LOST),
        (lambda brokers, dead: with_settings(brokers, brokers), settings_question.STOPS),
        (lambda brokers, dead: with_settings(2 * dead + 1, dead + 1), settings_question.IMPOSSIBLE),
        (lambda brokers, dead: with_settings(brokers, dead + 1, 1), settings_question.ACKS),
        (lambda brokers, dead: with_settings(brokers, dead + 1, "all", True), settings_question.UNCLEAN),
        (lambda brokers, dead: with_settings(brokers + 1, dead + 1), settings_question.TOO_MANY),
        (lambda brokers, dead: None, settings_question.POSSIBLE),
    ],
}
