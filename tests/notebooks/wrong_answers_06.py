"""Wrong answers to the questions of lesson 06 that have a model checker, and the hint that is meant for each."""

from typing import Any

from ecomkafka.exercises.lesson_06 import saga_questions as lesson_06


def honest() -> list[str]:
    return ["deliver ORDER_CREATED", "deliver RESERVE WH-BERLIN", "deliver RESERVED WH-BERLIN"]


def copies_what_was_not_sent() -> list[str]:
    return ["deliver ORDER_CREATED", "duplicate RESERVED WH-BERLIN"]


def a_detour() -> list[str]:
    return ["deliver DeadlinePassed", *lesson_06.attack()]


def counts(notes: Any, fact: Any) -> Any:
    """It numbers its notes, so a copy is one more."""
    notes = notes | {(*fact, len(notes))}
    created = [names for what, names, _ in notes if what == "ORDER_CREATED"]
    answers = [name for what, name, _ in notes if what == "RESERVED"]
    if created and len(answers) == len(created[0]):
        return notes, [("CONFIRM", "")] + [("DEDUCT", name) for name in created[0]]
    return notes, []


def drops_what_is_early(notes: Any, fact: Any) -> Any:
    known = any(what == "ORDER_CREATED" for what, _ in notes)
    return lesson_06.saga(notes, fact) if known or fact[0] == "ORDER_CREATED" else (notes, [])


def ends_at_the_end(notes: Any, fact: Any) -> Any:
    return (notes, []) if ("CANCEL", "") in notes else lesson_06.saga(notes, fact)


def sends_again(notes: Any, fact: Any) -> Any:
    kept = frozenset(pair for pair in notes if pair[0] not in ("CONFIRM", "CANCEL"))
    return lesson_06.saga(kept, fact)


def deaf_to_the_deadline(notes: Any, fact: Any) -> Any:
    return (notes, []) if fact[0] == "DEADLINE" else lesson_06.paid_saga(notes, fact)


def voids_what_it_remembers(notes: Any, fact: Any) -> Any:
    after, sends = lesson_06.paid_saga(notes, fact)
    return after, [pair for pair in sends if pair[0] != "VOID" or ("CHARGE", "") in notes]


def confirms_what_is_not_paid(notes: Any, fact: Any) -> Any:
    return lesson_06.saga(notes, ("INSUFFICIENT_STOCK", "") if fact[0] == "DEADLINE" else fact)


WRONG = {
    "06.q4": [
        (honest, lesson_06.NOT_BROKEN),
        (copies_what_was_not_sent, lesson_06.IMPOSSIBLE),
        (a_detour, lesson_06.LONGER),
    ],
    "06.q5": [
        (counts, lesson_06.HINTS["a_confirmed_order_is_held"]),
        (drops_what_is_early, lesson_06.HINTS["every_order_ends"]),
        (ends_at_the_end, lesson_06.HINTS["nobody_holds_stock_at_the_end"]),
        (sends_again, lesson_06.HINTS["never_two_ends"]),
    ],
    "06.q6": [
        (confirms_what_is_not_paid, lesson_06.MONEY_HINTS["a_confirmed_order_is_paid_and_held"]),
        (deaf_to_the_deadline, lesson_06.MONEY_HINTS["the_deadline_ends_it"]),
        (voids_what_it_remembers, lesson_06.MONEY_HINTS["money_and_goods_go_together"]),
    ],
}
