"""Wrong answers to the exercises of lesson 10, and the hint that is meant for each."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kafka.errors import KafkaError

from ecomkafka.exercises.lesson_10 import questions, relay_questions

Wrong = tuple[Callable[..., Any], str]

ORDER = "INSERT INTO orders VALUES (?)"
MESSAGE = "INSERT INTO outbox (order_id) VALUES (?)"
KNOWN = "SELECT 1 FROM inbox WHERE message_id = ?"
NOTE = "INSERT INTO inbox VALUES (?)"
ADD = "UPDATE points SET points = points + ? WHERE customer = ?"


def commits_in_between(database: Any, order_id: str) -> None:
    for statement in (ORDER, MESSAGE):
        database.execute(statement, (order_id,))
        database.commit()


def the_message_first(database: Any, order_id: str) -> None:
    for statement in (MESSAGE, ORDER):
        database.execute(statement, (order_id,))
        database.commit()


def only_the_order(database: Any, order_id: str) -> None:
    database.execute(ORDER, (order_id,))
    database.commit()


def never_commits(database: Any, order_id: str) -> None:
    database.execute(ORDER, (order_id,))
    database.execute(MESSAGE, (order_id,))


def just_adds(database: Any, message: Any) -> None:
    database.execute(ADD, (message.points, message.customer))
    database.commit()


def notes_first(database: Any, message: Any) -> None:
    if not database.execute(KNOWN, (message.id,)):
        database.execute(NOTE, (message.id,))
        database.commit()
        just_adds(database, message)


def notes_last(database: Any, message: Any) -> None:
    if not database.execute(KNOWN, (message.id,)):
        just_adds(database, message)
        database.execute(NOTE, (message.id,))
        database.commit()


def knows_the_customer(database: Any, message: Any) -> None:
    if not database.execute(KNOWN, (message.customer,)):
        database.execute(NOTE, (message.customer,))
        just_adds(database, message)


def counts_and_never_commits(database: Any, message: Any) -> None:
    database.execute(ADD, (message.points, message.customer))


def marks_first(desk: Any) -> None:
    for row in desk.unpublished():
        desk.mark(row)
        desk.publish(row)


def only_the_newest(desk: Any) -> None:
    for row in desk.unpublished()[-1:]:
        desk.publish(row)
        desk.mark(row)


def backwards(desk: Any) -> None:
    for row in reversed(desk.unpublished()):
        desk.publish(row)
        desk.mark(row)


def never_marks(desk: Any) -> None:
    for row in desk.unpublished():
        desk.publish(row)


def twice_to_be_sure(desk: Any) -> None:
    for row in desk.unpublished():
        desk.publish(row)
        desk.publish(row)
        desk.mark(row)


def out_of_sequence(commits: list[tuple[int, int | None]], polls: list[int]) -> set[int]:
    """Every row that was overtaken, whether a poll was in between or not."""
    ends = [(number, at) for number, at in commits if at is not None]
    return {number for number, at in ends if any(other > number and then < at for other, then in ends)}


def with_the_rolled_back(commits: list[tuple[int, int | None]], polls: list[int]) -> set[int]:
    return relay_questions.missed(commits, polls) | {number for number, at in commits if at is None}


def nothing_is_missed(commits: list[tuple[int, int | None]], polls: list[int]) -> set[int]:
    return set()


def stops_at_the_first(desk: Any) -> None:
    for row in desk.unpublished():
        try:
            desk.publish(row)
        except KafkaError:
            return
        desk.mark(row)


def leaves_out_the_row(desk: Any) -> None:
    for row in desk.unpublished():
        try:
            desk.publish(row)
        except KafkaError:
            continue
        desk.mark(row)


def marks_what_is_refused(desk: Any) -> None:
    for row in desk.unpublished():
        with suppress(KafkaError):
            desk.publish(row)
        desk.mark(row)


def never_marks_what_went_out(desk: Any) -> None:
    waiting = set()
    for row in desk.unpublished():
        if row.order_id not in waiting:
            try:
                desk.publish(row)
            except KafkaError:
                waiting.add(row.order_id)


WRONG: dict[str, list[Wrong]] = {
    "10.q1": [
        (commits_in_between, questions.ROW_ALONE),
        (only_the_order, questions.ROW_ALONE),
        (the_message_first, questions.MESSAGE_ALONE),
        (never_commits, questions.NOT_COMMITTED),
    ],
    "10.q2": [
        (just_adds, questions.COUNTED_TWICE),
        (notes_last, questions.COUNTED_TWICE),
        (notes_first, questions.NOT_COUNTED),
        (knows_the_customer, questions.NOT_COUNTED),
        (counts_and_never_commits, questions.NO_COMMIT),
    ],
    "10.q3": [
        (marks_first, relay_questions.LOST),
        (only_the_newest, relay_questions.OUT_OF_SEQUENCE),
        (backwards, relay_questions.OUT_OF_SEQUENCE),
        (never_marks, relay_questions.NOT_MARKED),
        (twice_to_be_sure, relay_questions.AGAIN),
    ],
    "10.q4": [
        (out_of_sequence, relay_questions.FOUND),
        (with_the_rolled_back, relay_questions.ROLLED_BACK),
        (nothing_is_missed, relay_questions.OVERLOOKED),
    ],
    "10.q5": [
        (stops_at_the_first, relay_questions.STOPS_ALL),
        (leaves_out_the_row, relay_questions.OVERTAKES),
        (marks_what_is_refused, relay_questions.MARKED_UNSENT),
        (never_marks_what_went_out, relay_questions.NOT_MARKED),
    ],
}
