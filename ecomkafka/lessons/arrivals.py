"""The same messages applied in every sequence of arrival: how each one ends."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from typing import Any

from ecomkafka.domain.saga import Charge, Input, Output, PaymentAnswered, Saga, step
from ecomkafka.lessons.naive_saga import Pending, naive_step
from ecomkafka.messages import OrderConfirmed, OrderCreated, Reserved

Rule = Callable[[Any], Iterable[Output]]
"""From a message to what is sent; a rule remembers what it was given before."""


def ending(rule: Rule, arrival: Sequence[OrderCreated | Reserved]) -> str:
    """How the order ends if its messages come in this order, and whether every warehouse had spoken by then."""
    missing = {message.warehouse_id for message in arrival if isinstance(message, Reserved)}
    for message in arrival:
        missing -= {message.warehouse_id} if isinstance(message, Reserved) else set()
        if any(isinstance(output, OrderConfirmed) for output in rule(message)):
            return "confirmed too early" if missing else "confirmed"
    return "pending for ever"


def endings(
    new_rule: Callable[[], Rule], messages: Sequence[OrderCreated | Reserved], repeated: bool = False
) -> Counter[str]:
    """How many sequences of arrival end how; `repeated`: in each of them one of the messages comes twice."""
    once = range(len(messages))
    if repeated:
        sequences = {sequence for twice in once for sequence in permutations([*once, twice])}
    else:
        sequences = set(permutations(once))
    return Counter(ending(new_rule(), [messages[number] for number in sequence]) for sequence in sequences)


def naive_rule() -> Rule:
    """A counting orchestrator that knows no order yet."""
    pending: Pending = {}
    return lambda message: naive_step(pending, message)


def saga_rule() -> Rule:
    """The shop's saga at its beginning; whenever it wants money it gets it at once."""
    memory = [Saga()]

    def rule(message: Input) -> tuple[Output, ...]:
        memory[0], outputs = step(memory[0], message)
        wants_money = any(isinstance(output, Charge) for output in outputs)
        return (*outputs, *rule(PaymentAnswered(approved=True))) if wants_money else outputs

    return rule
