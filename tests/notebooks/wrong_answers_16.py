"""Wrong answers to the exercises of lesson 16, and the hint that is meant for each."""

import uuid
from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.lesson_16 import breaker, questions
from ecomkafka.exercises.lesson_16.stage import NoAnswer, Refused

Wrong = tuple[Callable[..., Any], str]


def a_key_per_attempt(door: Any, order: dict[str, Any]) -> str:
    while True:
        try:
            return str(door.post(order, str(uuid.uuid4())))
        except NoAnswer:
            continue


def a_key_of_the_content(door: Any, order: dict[str, Any]) -> str:
    while True:
        try:
            return str(door.post(order, str(sorted(order.items()))))
        except NoAnswer:
            continue


def asks_once(door: Any, order: dict[str, Any]) -> str:
    return str(door.post(order, str(uuid.uuid4())))


def returns_the_key(door: Any, order: dict[str, Any]) -> str:
    key = str(uuid.uuid4())
    while True:
        try:
            door.post(order, key)
        except NoAnswer:
            continue
        return key


def saves_without_end(times: list[float], rate: float, burst: int) -> list[bool]:
    passed, taken = [], 0
    for now in times:
        passed.append(burst + now * rate - taken >= 1)
        taken += passed[-1]
    return passed


def refused_ones_take_a_token(times: list[float], rate: float, burst: int) -> list[bool]:
    tokens, then, passed = float(burst), 0.0, []
    for now in times:
        tokens = min(burst, tokens + (now - then) * rate)
        then = now
        passed.append(tokens >= 1)
        tokens -= 1
    return passed


def window_per_second(times: list[float], rate: float, burst: int) -> list[bool]:
    return [sum(int(other) == int(now) for other in times[:n]) < rate for n, now in enumerate(times)]


def whoever_is_accepted(arrivals: list[int], work: int, patience: int, places: int) -> list[int]:
    return questions.in_time(arrivals, work, 10**9, places)


def without_places(arrivals: list[int], work: int, patience: int, places: int) -> list[int]:
    return questions.in_time(arrivals, work, patience, 10**9)


def refused_ones_take_time(arrivals: list[int], work: int, patience: int, places: int) -> list[int]:
    accepted = questions.in_time(arrivals, work, 10**9, places)
    return [n for n in questions.in_time(arrivals, work, patience, 10**9) if n in accepted]


def places_then_notes(desk: Any, key: str, order: dict[str, Any]) -> int:
    known = desk.noted(key)
    if known is not None:
        return 202 if desk.find(known) == order else 422
    order_id = desk.new_id()
    desk.place(order_id, order)
    desk.note(key, order_id)
    return 202


def notes_then_places(desk: Any, key: str, order: dict[str, Any]) -> int:
    known = desk.noted(key)
    if known is not None:
        return 202 if desk.find(known) in (None, order) else 422
    order_id = desk.new_id()
    desk.note(key, order_id)
    desk.place(order_id, order)
    return 202


def always_accepts(desk: Any, key: str, order: dict[str, Any]) -> int:
    desk.place(f"ORD-{key}", order)
    return 202


def refuses_repetitions(desk: Any, key: str, order: dict[str, Any]) -> int:
    if desk.find(f"ORD-{key}") is not None:
        return 422
    desk.place(f"ORD-{key}", order)
    return 202


def no_breaker(memory: dict[str, Any], work: Callable[[], Any], now: float) -> Any:
    return work()


def guard(memory: dict[str, Any], now: float) -> None:
    if memory.get("failures", 0) >= 3 and now < memory["until"]:
        raise Refused


def failed(memory: dict[str, Any], now: float) -> None:
    memory["failures"] = memory.get("failures", 0) + 1
    memory["until"] = now + 5


def counts_for_ever(memory: dict[str, Any], work: Callable[[], Any], now: float) -> Any:
    guard(memory, now)
    try:
        return work()
    except NoAnswer:
        failed(memory, now)
        raise


def never_tries(memory: dict[str, Any], work: Callable[[], Any], now: float) -> Any:
    if memory.get("failures", 0) >= 3:
        raise Refused
    return trying_all(memory, work, now)


def trying_all(memory: dict[str, Any], work: Callable[[], Any], now: float) -> Any:
    guard(memory, now)
    try:
        result = work()
    except NoAnswer:
        failed(memory, now)
        raise
    except Exception:
        memory.clear()
        raise
    memory.clear()
    return result


def every_exception_is_a_failure(memory: dict[str, Any], work: Callable[[], Any], now: float) -> Any:
    guard(memory, now)
    try:
        result = work()
    except Exception:
        failed(memory, now)
        raise
    memory.clear()
    return result


def swallows(memory: dict[str, Any], work: Callable[[], Any], now: float) -> Any:
    try:
        return breaker.call(memory, work, now)
    except NoAnswer:
        return None


WRONG: dict[str, list[Wrong]] = {
    "16.q1": [
        (a_key_per_attempt, questions.DOUBLED),
        (a_key_of_the_content, questions.MERGED),
        (asks_once, questions.GAVE_UP),
        (returns_the_key, questions.RETURNED),
    ],
    "16.q2": [
        (saves_without_end, questions.OVERFULL),
        (window_per_second, questions.STARVED),
        (refused_ones_take_a_token, questions.STARVED),
    ],
    "16.q3": [
        (whoever_is_accepted, questions.LATE),
        (without_places, questions.NO_PLACE),
        (refused_ones_take_time, questions.MISSING),
    ],
    "16.q4": [
        (places_then_notes, questions.TWICE),
        (notes_then_places, questions.NEVER),
        (always_accepts, questions.OTHER),
        (refuses_repetitions, questions.REFUSED),
    ],
    "16.q5": [
        (no_breaker, breaker.NOT_OPENED),
        (counts_for_ever, breaker.TOO_EARLY),
        (never_tries, breaker.NOT_TRIED),
        (trying_all, breaker.STAMPEDE),
        (every_exception_is_a_failure, breaker.ANSWER),
        (swallows, breaker.PASSED_ON),
    ],
}
