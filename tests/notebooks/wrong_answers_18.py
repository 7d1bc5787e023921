"""Wrong answers to the exercises of lesson 18, and the hint that is meant for each."""

from collections.abc import Callable
from itertools import count
from typing import Any

from ecomkafka.exercises.lesson_18 import questions as lesson_18

Wrong = tuple[Callable[..., Any], str]

numbers = count()


def ids(records: list[Any]) -> list[str]:
    return [record.message.notification_id for record in records]


def compares_sums(requests: list[Any], outcomes: list[Any]) -> set[str]:
    return set() if len(requests) == len(outcomes) else set(ids(requests)) ^ set(ids(outcomes))


def only_those_not_told(requests: list[Any], outcomes: list[Any]) -> set[str]:
    return set(ids(requests)) ^ set(ids(outcomes))


def only_success_counts(requests: list[Any], outcomes: list[Any]) -> set[str]:
    sent = [record for record in outcomes if record.message.type == "NOTIFICATION_SENT"]
    return lesson_18.broken(requests, sent)


def without_ghosts(requests: list[Any], outcomes: list[Any]) -> set[str]:
    return lesson_18.broken(requests, outcomes) & set(ids(requests))


def goes_on_in_the_middle(steps: list[str], done: int) -> dict[str, int]:
    return {"mail": 1, "record": 1}


def always_again(steps: list[str], done: int) -> dict[str, int]:
    taken = steps[:done] + (steps if done < len(steps) else [])
    return {"mail": taken.count("mail"), "record": taken.count("produce") + taken.count("transaction")}


def never_again(steps: list[str], done: int) -> dict[str, int]:
    taken = steps[:done]
    return {"mail": taken.count("mail"), "record": taken.count("produce") + taken.count("transaction")}


def notes_first(desk: Any, record: Any) -> None:
    desk.note()
    desk.mail(record.message.notification_id)
    desk.produce()


def notes_last(desk: Any, record: Any) -> None:
    desk.begin()
    desk.mail(record.message.notification_id)
    desk.produce()
    desk.commit()
    desk.note()


def mails_last(desk: Any, record: Any) -> None:
    desk.begin()
    desk.produce()
    desk.offset()
    desk.commit()
    desk.mail(record.message.notification_id)


def a_new_id_each_time(desk: Any, record: Any) -> None:
    desk.begin()
    desk.mail(f"{record.message.notification_id}-{next(numbers)}")
    desk.produce()
    desk.offset()
    desk.commit()


def does_not_commit(desk: Any, record: Any) -> None:
    desk.begin()
    desk.mail(record.message.notification_id)
    desk.produce()
    desk.offset()


def tries_again(service: Any) -> None:
    service.seek(service.committed())


def takes_it_for_done(service: Any) -> None:
    service.new_producer()


def takes_it_for_lost(service: Any) -> None:
    service.new_producer()
    service.restore()
    service.seek(3)


def keeps_its_memory(service: Any) -> None:
    service.new_producer()
    service.seek(service.committed())


def looks_round_first(service: Any) -> None:
    service.restore()
    service.seek(service.committed())
    service.new_producer()


def looks_for_its_place_first(service: Any) -> None:
    service.seek(service.committed())
    service.new_producer()
    service.restore()


WRONG: dict[str, list[Wrong]] = {
    "18.q1": [
        (compares_sums, lesson_18.NOT_NOTIFIED),
        (only_those_not_told, lesson_18.NOTIFIED_TWICE),
        (only_success_counts, lesson_18.ALARM),
        (without_ghosts, lesson_18.NOT_REQUESTED),
    ],
    "18.q2": [
        (goes_on_in_the_middle, lesson_18.FROM_THE_START),
        (never_again, lesson_18.FROM_THE_START),
        (always_again, lesson_18.NOT_AGAIN),
    ],
    "18.q3": [
        (notes_first, lesson_18.LOST),
        (notes_last, lesson_18.DOUBLED),
        (mails_last, lesson_18.NO_MAIL),
        (a_new_id_each_time, lesson_18.TWO_MAILS),
        (does_not_commit, lesson_18.STUCK),
    ],
    "18.q4": [
        (tries_again, lesson_18.OLD_PRODUCER),
        (takes_it_for_done, lesson_18.WRONG_PLACE),
        (takes_it_for_lost, lesson_18.WRONG_PLACE),
        (keeps_its_memory, lesson_18.OLD_MEMORY),
        (looks_round_first, lesson_18.NOT_FIRST),
        (looks_for_its_place_first, lesson_18.NOT_FIRST),
    ],
}
