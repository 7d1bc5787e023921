"""Messages applied in one sequence of arrival: how the order ends."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ecomkafka.domain.saga import Output
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


def naive_rule() -> Rule:
    """A counting orchestrator that knows no order yet."""
    pending: Pending = {}
    return lambda message: naive_step(pending, message)
