"""Wrong answers to the exercises of lesson 13, and the hint that is meant for each."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ecomkafka.exercises.lesson_13 import questions, waiting_questions

Wrong = tuple[Callable[..., Any], str]
TEN, ELEVEN = timedelta(minutes=10), timedelta(minutes=11)


def the_newest(changes: list[tuple[datetime, Decimal]], when: datetime) -> Decimal | None:
    return max(changes)[1]


def the_last_that_fits(changes: list[tuple[datetime, Decimal]], when: datetime) -> Decimal | None:
    return next((price for at, price in reversed(changes) if at <= when), None)


def not_at_the_moment(changes: list[tuple[datetime, Decimal]], when: datetime) -> Decimal | None:
    return questions.price_at(changes, when - timedelta(microseconds=1))


def nothing_is_free(changes: list[tuple[datetime, Decimal]], when: datetime) -> Decimal:
    return questions.price_at(changes, when) or Decimal(0)


def by_order(order: dict[str, Any]) -> list[tuple[str, str]]:
    return [(order["order_id"], value) for _, value in questions.by_product(order)]


def all_in_one(order: dict[str, Any]) -> list[tuple[str, str]]:
    return questions.by_product(order)[:1]


def without_its_time(order: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["product_id"], json.dumps({"quantity": line["quantity"]})) for line in order["lines"]]


def only_orders_wait(arrivals: list[tuple[str, str, datetime]]) -> list[str]:
    waiting: dict[str, datetime] = {}
    found = []
    for side, order, at in arrivals:
        if side == "confirmed":
            waiting[order] = at
        elif order in waiting and abs(at - waiting[order]) <= TEN:
            found.append(order)
    return found


def whenever(arrivals: list[tuple[str, str, datetime]]) -> list[str]:
    sides = [{order for side, order, _ in arrivals if side == name} for name in ("confirmed", "mail")]
    return sorted(sides[0] & sides[1])


def pairs_only(builder: Any) -> None:
    rows(builder, "join", only="no mail")


def all_rows(builder: Any) -> None:
    rows(builder, "leftJoin")


def hasty(builder: Any) -> None:
    rows(builder, "leftJoin", minutes=5, only="no mail")


def rows(builder: Any, how: str, minutes: int = 10, only: str = "") -> None:
    from java.lang import String
    from java.time import Duration
    from org.apache.kafka.streams.kstream import JoinWindows

    window = JoinWindows.ofTimeDifferenceAndGrace(Duration.ofMinutes(minutes), Duration.ofMinutes(1))
    orders, mails = builder.stream("confirmed"), builder.stream("mails")
    joined = getattr(orders, how)(mails, lambda order, mail: String("mail" if mail else "no mail"), window)
    joined.filter(lambda order, row: str(row).startswith(only)).to("unanswered")


def mails_stay(state: dict[str, Any], arrival: tuple[str, str, datetime]) -> list[tuple[str, str]]:
    rows = waiting_questions.take(state, arrival)
    state.setdefault("seen", []).append(arrival[1])
    return rows


def never_gives_up(state: dict[str, Any], arrival: tuple[str, str, datetime]) -> list[tuple[str, str]]:
    return [row for row in waiting_questions.take(state, arrival) if row[1] == "mail"]


def only_who_never_came(state: dict[str, Any], arrival: tuple[str, str, datetime]) -> list[tuple[str, str]]:
    return [row for row in waiting_questions.take(state, arrival) if row[1] == "no mail"]


def without_patience(state: dict[str, Any], arrival: tuple[str, str, datetime]) -> list[tuple[str, str]]:
    side, order, _at = arrival
    rows = waiting_questions.take(state, arrival)
    return rows or ([(order, "no mail")] if side == "confirmed" else [])


def again_at_the_end(state: dict[str, Any], arrival: tuple[str, str, datetime]) -> list[tuple[str, str]]:
    rows = waiting_questions.take(state, arrival)
    return [*rows, ("O-0", "mail")] if arrival[1] == "the end" else rows


WRONG: dict[str, list[Wrong]] = {
    "13.q1": [
        (the_newest, questions.NEWEST),
        (the_last_that_fits, questions.LAST_READ),
        (not_at_the_moment, questions.EXACTLY),
        (nothing_is_free, questions.BEFORE),
    ],
    "13.q2": [
        (by_order, questions.OF_THE_ORDER),
        (all_in_one, questions.A_LINE_EACH),
        (without_its_time, questions.NO_TIME),
    ],
    "13.q3": [(only_orders_wait, questions.ONE_WAITS), (whenever, questions.NO_LIMIT)],
    "13.q4": [
        (pairs_only, waiting_questions.NOTHING),
        (all_rows, waiting_questions.ANSWERED),
        (hasty, waiting_questions.TOO_EARLY),
    ],
    "13.q5": [
        (mails_stay, waiting_questions.KEPT),
        (never_gives_up, waiting_questions.NO_ROW),
        (only_who_never_came, waiting_questions.NO_PAIR),
        (without_patience, waiting_questions.EARLY),
        (again_at_the_end, waiting_questions.AGAIN),
    ],
}
