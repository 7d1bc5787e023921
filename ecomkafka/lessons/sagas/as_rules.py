"""The naive and the leaky saga as pure rules: from what is known and a message to what is known then and sent."""

from decimal import Decimal
from typing import Any, NamedTuple

from ecomkafka.domain.order import evolve
from ecomkafka.domain.saga import Charge, PaymentAnswered
from ecomkafka.gateways.payment import PaymentGateway
from ecomkafka.lessons.leaky_saga import Open, decide, note
from ecomkafka.lessons.naive_saga import Tally, naive_step
from ecomkafka.messages import InsufficientStock, Message, OrderCreated, Reserved


class Counted(NamedTuple):
    """What the naive orchestrator knows of the one order; nothing, where it is not pending."""

    order: OrderCreated
    answers: int


def naive(known: Counted | None, message: Any) -> tuple[Counted | None, list[Message]]:
    """`naive_step`, with its dict of one order made anew each time. It starts with None."""
    if not isinstance(message, OrderCreated | Reserved | InsufficientStock):
        return known, []  # it knows neither payment nor deadline
    pending = {} if known is None else {known.order.order_id: Tally(*known)}
    outputs = naive_step(pending, message)
    left = [Counted(tally.order, tally.answers) for tally in pending.values()]
    return (left[0] if left else None), outputs


class Known(NamedTuple):
    """What the leaky orchestrator knows of the one order."""

    order: OrderCreated | None = None
    reserved: frozenset[str] = frozenset()
    short: bool = False
    charging: bool = False


class _Unanswered(Exception):
    """The gateway was asked and has not answered yet."""


class _Gateway(PaymentGateway):
    """A gateway whose answer is known, or not yet."""

    def __init__(self, approved: bool | None) -> None:
        self._approved = approved

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        if self._approved is None:
            raise _Unanswered
        return self._approved

    def void(self, order_id: str) -> None:
        raise NotImplementedError("the leaky saga takes no money back")


def leaky(known: Known, message: Any) -> tuple[Known, list[Any]]:
    """`note` and `decide` of the leaky saga; what it asks of the gateway comes back as PaymentAnswered."""
    approved = message.approved if isinstance(message, PaymentAnswered) and known.charging else None
    if approved is None and not isinstance(message, OrderCreated | Reserved | InsufficientStock):
        return known, []
    heard = Open(known.order, set(known.reserved), known.short)
    note(heard, message)
    now = Known(heard.order, frozenset(heard.reserved), heard.short, known.charging)
    try:
        outputs = decide(heard, _Gateway(approved))
    except _Unanswered:
        assert heard.order is not None  # it asks for no money before
        return now._replace(charging=True), [] if known.charging else [Charge(order=evolve(None, heard.order))]
    return (Known(), list(outputs)) if outputs else (now, [])
