"""The stage of the questions with a model checker: a saga of pairs, which a student can write in a dozen lines."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ecomkafka.domain.order import Cancel, Confirm, Order, decide, evolve
from ecomkafka.domain.saga import Charge, DeadlinePassed, PaymentAnswered, PaymentVoided, Void
from ecomkafka.domain.stock import State
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.messages import Deduct, OrderCreated, Reason, Release
from ecomkafka.model_checking import Bounds, check
from ecomkafka.model_checking.places import AT, ORDER
from ecomkafka.model_checking.properties import Property
from ecomkafka.model_checking.search import Result
from ecomkafka.model_checking.situation import Situation

MOST_WORLDS = 150_000
SECONDS = 45.0
"""The search is the check's, and a busy machine may take long for it."""

Pair = tuple[str, Any]
Own = Callable[[frozenset[Any], Pair], tuple[frozenset[Any], Sequence[Pair]]]

SHAPE = "a pair: the notes as a frozenset, and a list of pairs such as ('RELEASE', 'WH-BERLIN')"


class Noted(NamedTuple):
    """The student's notes, and the order once it is known: its end needs its total."""

    notes: frozenset[Any] = frozenset()
    order: Order | None = None


def as_rule(own: Own) -> Callable[[Noted, Any], tuple[Noted, list[Any]]]:
    """The student's saga of pairs as a rule that speaks in messages."""

    def step(known: Noted, message: Any) -> tuple[Noted, list[Any]]:
        order = evolve(known.order, message) if isinstance(message, OrderCreated) else known.order
        answer = own(known.notes, fact(message))
        if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[0], frozenset)):
            raise ValueError(f"it returned {answer!r:.60}: return {SHAPE}")
        outputs: list[Any] = []
        for pair in answer[1]:
            outputs += said(order, pair)
        return Noted(answer[0], order), outputs

    return step


def fact(message: Any) -> Pair:
    """A message as a pair: what, and of whom."""
    match message:
        case OrderCreated(warehouses=names):
            return "ORDER_CREATED", names
        case PaymentAnswered(approved=approved):
            return "PAYMENT", "approved" if approved else "declined"
        case PaymentVoided():
            return "VOIDED", ""
        case DeadlinePassed():
            return "DEADLINE", ""
    return message.type, getattr(message, "warehouse_id", "")


def said(order: Order | None, pair: Any) -> Sequence[Any]:
    """What a pair of the student's means. Raises ValueError for one that means nothing."""
    if order is None:
        raise ValueError(f"it sent {pair!r:.60} before ORDER_CREATED: nobody knows yet for which order")
    match pair:
        case ("CONFIRM", _):
            return decide(order, Confirm())
        case ("CANCEL", _):
            return decide(order, Cancel(reason=Reason.INSUFFICIENT_STOCK))
        case ("CHARGE", _):
            return (Charge(order=order),)
        case ("VOID", _):
            return (Void(order=order),)
        case ("DEDUCT", str(name)):
            return (Deduct(order_id=ORDER, warehouse_id=name, at=AT),)
        case ("RELEASE", str(name)):
            return (Release(order_id=ORDER, warehouse_id=name, at=AT),)
    raise ValueError(
        f"it sent {pair!r:.60}: CONFIRM, CANCEL, CHARGE, VOID, DEDUCT or RELEASE with a warehouse is allowed"
    )


def a_confirmed_order_is_held(now: Situation) -> bool:
    """When an order is confirmed, every warehouse holds its goods or has sent them."""
    return not now.confirmed or now.goods <= {State.HELD, State.DEDUCTED}


def goods_go_with_the_end(now: Situation) -> bool:
    """When all is quiet, the goods of a confirmed order have left, and those of a cancelled one have not."""
    gone = {each.goods is State.DEDUCTED for each in now.warehouses}
    return not (now.quiet and now.ended) or gone == {now.confirmed}


def the_deadline_ends_it(now: Situation) -> bool:
    """When the deadline has passed and ORDER_CREATED is known, the order has ended."""
    return now.ended or Reason.TIMEOUT not in now.office.heard or "ORDER_CREATED" in now.office.in_flight


def search(answer: Bounded, properties: Sequence[Property], bounds: Bounds) -> Result:
    """All interleavings of the student's saga, within the student's time."""
    rule = as_rule(answer.function)
    result: Result = answer.call(check, rule, Noted(), bounds, properties, MOST_WORLDS)
    return result


def judge(result: Result, hints: dict[str, str]) -> None:
    """Raises Wrong with the hint for the property that is broken, and the shortest way to it."""
    if found := result.counterexample:
        raise Wrong(hints[found.broken], found.sentence, f"{found.trace}{_error(found.error)}")
    if not result.exhausted:
        raise Wrong(hints["exhausted"], "a search that ends", f"{result.worlds:,} worlds and no end")


def _error(error: str) -> str:
    return f"\n{error}" if error else ""
