"""The questions with a model checker: break the naive saga by hand, then write one that nothing breaks."""

from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import texts
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_06.model_stage import (
    SECONDS,
    a_confirmed_order_is_held,
    goods_go_with_the_end,
    judge,
    search,
    the_deadline_ends_it,
)
from ecomkafka.lessons.sagas.as_rules import naive
from ecomkafka.model_checking import PROPERTIES, Bounds, Model, check
from ecomkafka.model_checking.properties import (
    every_order_ends,
    never_two_ends,
    nobody_holds_stock_at_the_end,
    the_rule_raises_nothing,
)
from ecomkafka.model_checking.trace import Beginning
from ecomkafka.model_checking.walk import Walk

TWO = Bounds(warehouses=2, crashes=0, rollback=False)

# --- q4: be the network

IMPOSSIBLE = (
    "That move is not possible there. A message can come only after it was sent: the explorer shows what may come."
)
NOT_BROKEN = "The naive saga survives this. What does it count, and what could make it count one warehouse twice?"
LONGER = "It breaks, and there is a shorter way. Leave out what the orchestrator need not see."


def attack() -> list[str]:
    """The moves, in sequence, after which the naive saga has confirmed what London does not hold."""
    return [
        "deliver ORDER_CREATED",
        "deliver RESERVE WH-BERLIN",
        "duplicate RESERVED WH-BERLIN",
        "deliver RESERVED WH-BERLIN",
        "deliver RESERVED WH-BERLIN",
    ]


def examine_attack(answer: Bounded, stage: Stage) -> None:
    moves = texts(answer(), "a list of moves, each a text")
    walk = Walk(Model(naive, None, TWO), Beginning(short=(), approves=True))
    for number, text in enumerate(moves, 1):
        possible = {str(move): move for move in walk.possible}
        if text not in possible:
            raise Wrong(IMPOSSIBLE, f"one of: {', '.join(possible)}", f"move {number}: {text!r:.60}")
        walk.go(possible[text])
    if a_confirmed_order_is_held(walk.now):
        held = ", ".join(
            f"{name} {each.goods}" for name, each in zip(walk.model.names, walk.now.warehouses, strict=True)
        )
        raise Wrong(NOT_BROKEN, "CONFIRMED, and London holds nothing", f"{walk.now.office.ends or 'no end'}: {held}")
    found = check(naive, None, TWO, [a_confirmed_order_is_held]).counterexample
    shortest = len(found.trace.moves) if found else 0
    if len(moves) > shortest:
        raise Wrong(LONGER, f"{shortest} moves", f"{len(moves)} moves")


q4 = Question(
    "06.q4",
    examine_attack,
    attack,
    "five moves, and no shorter way exists: the model checker has tried.",
)

# --- q5: a saga of your own

HINTS = {
    "the_rule_raises_nothing": (
        "Your saga raised an exception, is not pure, or sent what is not allowed: the last line says which."
    ),
    "never_two_ends": "The order got two ends. Note what you have sent, and send nothing twice.",
    "a_confirmed_order_is_held": (
        "It was confirmed though a warehouse holds nothing. Keep who has answered: a number cannot say."
    ),
    "every_order_ends": (
        "Everything has come, and the order has no end. Note each fact, also one before ORDER_CREATED."
    ),
    "nobody_holds_stock_at_the_end": (
        "Goods are held for ever. A RESERVED can come after CANCEL: each warehouse that has reserved gets a RELEASE."
    ),
    "goods_go_with_the_end": (
        "Goods left for a cancelled order, or stayed for a confirmed one. DEDUCT goes with CONFIRM only."
    ),
    "it_comes_to_rest": "Your saga and a warehouse answer each other for ever. Note what you have sent.",
    "exhausted": "Your notes grow without end. Note each fact once: a set does that.",
}


def saga(notes: Any, fact: Any) -> Any:
    """The notes after `fact`, and a list of what is sent."""
    notes = notes | {fact}
    created = [names for what, names in notes if what == "ORDER_CREATED"]
    reserved = {name for what, name in notes if what == "RESERVED"}
    refused = any(what == "INSUFFICIENT_STOCK" for what, _ in notes)
    wanted = []
    if created and refused:
        wanted = [("CANCEL", "")] + [("RELEASE", name) for name in sorted(reserved)]
    elif created and reserved == set(created[0]):
        wanted = [("CONFIRM", "")] + [("DEDUCT", name) for name in sorted(reserved)]
    sends = [pair for pair in wanted if pair not in notes]
    return notes | set(sends), sends


def examine_saga(answer: Bounded, stage: Stage) -> None:
    properties = [
        the_rule_raises_nothing,
        never_two_ends,
        a_confirmed_order_is_held,
        every_order_ends,
        nobody_holds_stock_at_the_end,
        goods_go_with_the_end,
    ]
    judge(search(answer, properties, TWO), HINTS)


q5 = Question(
    "06.q5",
    examine_saga,
    saga,
    "two warehouses, every copy, every interleaving: nothing breaks your saga.",
    SECONDS,
)

# --- q6: with money and a deadline

MONEY_HINTS = HINTS | {
    "a_confirmed_order_is_paid_and_held": "It was confirmed before it was paid, or before all have reserved.",
    "the_deadline_ends_it": "The deadline has passed and the order is still pending. It is a fact like the others.",
    "money_and_goods_go_together": (
        "A cancelled order was paid, or a confirmed one was not. After a crash your notes don't know of the charge: "
        "what do they know instead, if it may have been made?"
    ),
}


def paid_saga(notes: Any, fact: Any) -> Any:
    """The notes after `fact`, and a list of what is sent; with CHARGE, VOID and the deadline."""
    notes = notes | {fact}
    created = [names for what, names in notes if what == "ORDER_CREATED"]
    reserved = {name for what, name in notes if what == "RESERVED"}
    complete = bool(created) and reserved == set(created[0])
    failed = {"INSUFFICIENT_STOCK", "DEADLINE"} & {what for what, _ in notes} or ("PAYMENT", "declined") in notes
    wanted = []
    if created and failed and ("CONFIRM", "") not in notes:
        wanted = [("CANCEL", "")] + [("RELEASE", name) for name in sorted(reserved)]
        wanted += [("VOID", "")] if complete else []
    elif complete and ("PAYMENT", "approved") in notes:
        wanted = [("CONFIRM", "")] + [("DEDUCT", name) for name in sorted(reserved)]
    elif complete:
        wanted = [("CHARGE", "")]
    sends = [pair for pair in wanted if pair not in notes]
    return notes | set(sends), sends


def examine_paid_saga(answer: Bounded, stage: Stage) -> None:
    bounds = Bounds(warehouses=2, rollback=False)
    judge(search(answer, [*PROPERTIES, the_deadline_ends_it], bounds), MONEY_HINTS)


q6 = Question(
    "06.q6",
    examine_paid_saga,
    paid_saga,
    "copies, a declined card, the deadline and a crash between charge and commit: nothing breaks your saga.",
    SECONDS,
)
