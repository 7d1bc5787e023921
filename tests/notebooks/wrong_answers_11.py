"""Wrong answers to the exercises of lesson 11, and the hint that is meant for each."""

from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.lesson_11 import questions as lesson_11
from ecomkafka.messages import encode

Wrong = tuple[Callable[..., Any], str]

OK = 250


def whatever_it_is(attempt: int, code: int | None) -> float | None:
    return lesson_11.wait(attempt, 452)


def no_reply_is_a_no(attempt: int, code: int | None) -> float | None:
    return None if code is None else lesson_11.wait(attempt, code)


def only_the_codes_of_the_lesson(attempt: int, code: int | None) -> float | None:
    return lesson_11.wait(attempt, code if code in (550, 554) else 452)


def one_too_many(attempt: int, code: int | None) -> float | None:
    return 60.0 if attempt == 5 and code == 452 else lesson_11.wait(attempt, code)


def only_the_fifth_is_the_last(attempt: int, code: int | None) -> float | None:
    return lesson_11.wait(attempt if attempt <= 5 else 4, code)


def grows_without_end(attempt: int, code: int | None) -> float | None:
    return None if lesson_11.wait(attempt, code) is None else 4.0 ** (attempt - 1)


def from_zero(attempt: int, code: int | None) -> float | None:
    return None if lesson_11.wait(attempt, code) is None else min(4.0**attempt, 60.0)


def encoded_once_more(record: Any, attempts: int, error: str) -> Any:
    key, _, headers = lesson_11.dead_letter(record, attempts, error)
    return key, encode(record.message), headers


def as_text(record: Any, attempts: int, error: str) -> Any:
    key, value, headers = lesson_11.dead_letter(record, attempts, error)
    return key, (value or b"").decode("utf-8", "replace").encode(), headers


def without_key(record: Any, attempts: int, error: str) -> Any:
    return None, *lesson_11.dead_letter(record, attempts, error)[1:]


def key_of_text(record: Any, attempts: int, error: str) -> Any:
    return (record.key or b"").decode(), *lesson_11.dead_letter(record, attempts, error)[1:]


def without_reason(record: Any, attempts: int, error: str) -> Any:
    key, value, headers = lesson_11.dead_letter(record, attempts, "failed")
    return key, value, headers


def only_an_offset(record: Any, attempts: int, error: str) -> Any:
    key, value, headers = lesson_11.dead_letter(record, attempts, error)
    return key, value, headers | {"origin": str(record.offset)}


def waits_on_the_spot(room: Any, record: Any) -> None:
    for pause in (0.5, 2.0, None):
        code = room.mail()
        if code == OK or code == 550 or pause is None:
            break
        room.wait(pause)
    if code != OK:
        room.give_up("no luck")


def waits_for_ever(room: Any, record: Any) -> None:
    while room.mail() != OK:
        room.wait(1.0)


def drops_what_fails(room: Any, record: Any) -> None:
    room.mail()


def never_gives_up(room: Any, record: Any) -> None:
    code = room.mail()
    if code == 550:
        room.give_up("no such user")
    elif code != OK:
        room.retry(0.5 if record.attempt == 1 else 2.0)


def gives_up_at_once(room: Any, record: Any) -> None:
    if room.mail() != OK:
        room.give_up("no luck")


def retries_what_is_permanent(room: Any, record: Any) -> None:
    code = room.mail()
    if code != OK and record.attempt == 3:
        room.give_up("no luck")
    elif code != OK:
        room.retry(0.5 if record.attempt == 1 else 2.0)


def at_once(room: Any, record: Any) -> None:
    code = room.mail()
    if code == 550 or (code != OK and record.attempt == 3):
        room.give_up("no luck")
    elif code != OK:
        room.retry(0.0)


def a_letter_too_many(room: Any, record: Any) -> None:
    code = room.mail()
    if code in (OK, 550) or record.attempt == 3:
        room.give_up("done")
    else:
        room.retry(0.5 if record.attempt == 1 else 2.0)


def waiting(dlq: list[Any]) -> list[Any]:
    marked = {record.header("replayed") for record in dlq if record.value is None}
    return [record for record in dlq if record.value is not None and str(record.position) not in marked]


def looks_at_no_mark(desk: Any, dlq: list[Any]) -> None:
    desk.begin()
    for letter in (record for record in dlq if record.value is not None):
        desk.send(letter)
        desk.mark(letter)
    desk.commit()


def writes_no_mark(desk: Any, dlq: list[Any]) -> None:
    for letter in waiting(dlq):
        desk.send(letter)


def sends_and_then_marks(desk: Any, dlq: list[Any]) -> None:
    for letter in waiting(dlq):
        desk.send(letter)
        desk.mark(letter)


def marks_and_then_sends(desk: Any, dlq: list[Any]) -> None:
    for letter in waiting(dlq):
        desk.mark(letter)
        desk.send(letter)


def only_the_newest(desk: Any, dlq: list[Any]) -> None:
    lesson_11.replay(desk, dlq[-1:])


def does_not_commit(desk: Any, dlq: list[Any]) -> None:
    desk.begin()
    for letter in waiting(dlq):
        desk.send(letter)
        desk.mark(letter)


WRONG: dict[str, list[Wrong]] = {
    "11.q1": [
        (whatever_it_is, lesson_11.HOPELESS),
        (only_the_codes_of_the_lesson, lesson_11.HOPELESS),
        (no_reply_is_a_no, lesson_11.WORTH_IT),
        (one_too_many, lesson_11.ENDLESS),
        (only_the_fifth_is_the_last, lesson_11.ENDLESS),
        (grows_without_end, lesson_11.WRONG_WAIT),
        (from_zero, lesson_11.WRONG_WAIT),
    ],
    "11.q2": [
        (encoded_once_more, lesson_11.OTHER_BYTES),
        (as_text, lesson_11.OTHER_BYTES),
        (without_key, lesson_11.OTHER_KEY),
        (key_of_text, lesson_11.OTHER_KEY),
        (without_reason, lesson_11.NO_STORY),
        (only_an_offset, lesson_11.NO_STORY),
    ],
    "11.q3": [
        (waits_on_the_spot, lesson_11.BLOCKED),
        (waits_for_ever, lesson_11.BLOCKED),
        (drops_what_fails, lesson_11.LOST),
        (never_gives_up, lesson_11.NO_END),
        (gives_up_at_once, lesson_11.TOO_FEW),
        (retries_what_is_permanent, lesson_11.POINTLESS),
        (at_once, lesson_11.NOT_THEN),
        (a_letter_too_many, lesson_11.TWO_ENDS),
    ],
    "11.q4": [
        (looks_at_no_mark, lesson_11.PRESSED_TWICE),
        (writes_no_mark, lesson_11.PRESSED_TWICE),
        (sends_and_then_marks, lesson_11.LEFT_TWICE),
        (marks_and_then_sends, lesson_11.ONLY_MARKED),
        (only_the_newest, lesson_11.STILL_THERE),
        (does_not_commit, lesson_11.STILL_THERE),
    ],
}
