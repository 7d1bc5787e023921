"""The two kinds of places beside the order service: a warehouse, and the office with the order's money and ends.

What they do is decided by the shop's own rules, `domain/stock.py` and `domain/payment_states.py`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ecomkafka.domain import stock
from ecomkafka.domain.payment_states import Payment, charged, voided
from ecomkafka.domain.saga import Charge, DeadlinePassed, PaymentAnswered, PaymentVoided, Void
from ecomkafka.messages import (
    Deduct,
    InsufficientStock,
    Item,
    Line,
    Message,
    OrderCreated,
    Reason,
    Release,
    Released,
    Reserve,
    Reserved,
    Restock,
    RollbackRequested,
)
from ecomkafka.model_checking.bounds import Bounds
from ecomkafka.model_checking.log import Kind, Messages, appended, distinct, label, readable, without

ORDER, GOODS, SOMEWHERE = "O-1", "GOODS", "*"
"""SOMEWHERE: a warehouse knows no name, so two that are alike are equal."""

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
WANTED = 2

WISHES = tuple(
    RollbackRequested(order_id=ORDER, reason=reason, at=AT) for reason in (Reason.ROLLED_BACK, Reason.CUSTOMER_REQUEST)
)
"""Inventory's and the customer's. The first stands for both until one of them is read: that saves worlds."""

Shelf = tuple[tuple[str, stock.Entry], ...]
End = tuple[str, Reason | None]
"""CONFIRMED, or CANCELLED and the reason."""

Happening = tuple[Kind, Any, Any, bool]
"""What happens to which message, the place afterwards, and whether the order service is given the message."""


class Warehouse(NamedTuple):
    """One warehouse: its stock, the commands that wait for it, and its answers that wait for the order service.

    Commands are keyed by the warehouse, so Kafka keeps their sequence; answers are keyed by the order. The answers of
    different warehouses may come in any sequence.
    """

    shelf: Shelf
    commands: Messages
    ordered: bool
    """False: also what is keyed alike may come in any sequence. Kafka is better than that."""
    copies: int
    """How many more of its messages may come twice."""
    answers: Messages = ()
    read: Messages = ()
    """What was read: it may come again. Without copies it is not kept."""

    @property
    def goods(self) -> stock.State | None:
        """What became of the order's goods here."""
        entry = dict(self.shelf).get(f"order/{SOMEWHERE}/{ORDER}")
        return entry.state if isinstance(entry, stock.Reservation) else None

    @property
    def in_flight(self) -> tuple[str, ...]:
        return tuple(map(label, self.commands + self.answers))

    def happenings(self) -> Iterator[Happening]:
        for command in readable(self.commands, self.ordered):
            yield Kind.DELIVER, command, self._handled(command), False
        for answer in readable(self.answers, self.ordered):
            taken = self._replace(answers=without(self.answers, answer))
            yield Kind.DELIVER, answer, taken._keeping(answer), True
        if self.copies:
            for message in distinct(self.commands + self.answers + self.read):
                again = (
                    self.sent((message,)) if isinstance(message, Reserve | Deduct | Release) else self._said(message)
                )
                left = self.copies - 1
                yield Kind.DUPLICATE, message, again._replace(copies=left, read=self.read if left else ()), False

    def sent(self, commands: Messages) -> "Warehouse":
        return self._replace(commands=appended(self.commands, commands, self.ordered))

    def _said(self, *answers: Any) -> "Warehouse":
        return self._replace(answers=appended(self.answers, answers, self.ordered))

    def _handled(self, command: stock.Command) -> "Warehouse":
        changes, outputs = stock.handle(dict(self.shelf), command)
        answers = [message for message in outputs if isinstance(message, Reserved | InsufficientStock | Released)]
        shelf = tuple(sorted({**dict(self.shelf), **changes}.items()))
        after = self._replace(shelf=shelf, commands=without(self.commands, command))
        return after._said(*answers)._keeping(command)

    def _keeping(self, message: Any) -> "Warehouse":
        kept = self.copies and message not in self.read
        return self._replace(read=appended(self.read, (message,), ordered=False)) if kept else self


class Office(NamedTuple):
    """The order's own messages, its payment, and what the order service has heard and said."""

    approves: bool
    """Whether the customer's card is good."""
    mail: Messages
    """In any sequence: they come by different ways."""
    copies: int
    losses: int
    crashes: int
    """How many more of each there may be."""
    lost: Messages = ()
    payment: Payment | None = None
    asked: int = 0
    """How often the saga wanted money, without what a crash made it forget."""
    heard: tuple[Reason, ...] = ()
    """The reasons to cancel that the order service was given before the order ended, the most important one first."""
    fits: bool = True
    """Whether the order's end was the one for these reasons."""
    ends: tuple[End, ...] = ()
    told: tuple[End, ...] = ()
    """The ends of which the customer is told."""
    error: str = ""
    """What went wrong inside the rule: nothing more happens then."""

    @property
    def in_flight(self) -> tuple[str, ...]:
        """Without what may never come: the deadline, and a wish to roll back."""
        waiting = (m for m in self.mail + self.lost if not isinstance(m, DeadlinePassed | RollbackRequested))
        return tuple(map(label, waiting))

    def happenings(self) -> Iterator[Happening]:
        if self.error:
            return
        for message in distinct(self.mail):
            taken = self._replace(mail=without(self.mail, message))
            to_gateway = isinstance(message, Charge | Void)
            for said in WISHES if message == WISHES[0] else (message,):
                yield Kind.DELIVER, said, taken._paid(message) if to_gateway else taken, not to_gateway
            if self.copies and isinstance(message, Message):  # a record, and not a call or a clock
                yield Kind.DUPLICATE, message, self.sent((message,))._replace(copies=self.copies - 1), False
            if self.losses and isinstance(message, Charge | Void | PaymentAnswered | PaymentVoided):
                lost = appended(self.lost, (message,), ordered=False)
                yield Kind.LOSE, message, taken._replace(lost=lost, losses=self.losses - 1), False
        for message in distinct(self.lost):
            yield Kind.RESEND, message, self.sent((message,))._replace(lost=without(self.lost, message)), False

    def sent(self, messages: Messages) -> "Office":
        return self._replace(mail=appended(self.mail, messages, ordered=False))

    def _paid(self, request: Charge | Void) -> "Office":
        if isinstance(request, Void):
            return self.sent((PaymentVoided(),))._replace(payment=voided(self.payment))
        payment = charged(self.payment, self.approves)
        return self.sent((PaymentAnswered(approved=payment is Payment.APPROVED),))._replace(payment=payment)


def warehouse(enough: bool, bounds: Bounds) -> Warehouse:
    """A warehouse on whose shelf is enough for the order, or one unit too little; it has been asked to reserve."""
    items = (Item(product_id=GOODS, quantity=WANTED if enough else WANTED - 1),)
    opening = stock.handle({}, Restock(restock_id=stock.OPENING, warehouse_id=SOMEWHERE, items=items, at=AT))
    wanted = (Item(product_id=GOODS, quantity=WANTED),)
    ask = Reserve(order_id=ORDER, warehouse_id=SOMEWHERE, items=wanted, at=AT)
    return Warehouse(tuple(sorted(opening.changes.items())), (ask,), bounds.ordered, bounds.duplicates)


def office(warehouses: tuple[str, ...], approves: bool, bounds: Bounds) -> Office:
    """The order was placed; its deadline will pass some time, and somebody may ask to roll it back."""
    line = Line(product_id=GOODS, quantity=WANTED, price=Decimal("2.50"))
    created = OrderCreated(
        order_id=ORDER,
        customer_id="ann",
        lines=(line,) * len(warehouses),
        total=Decimal("5.00") * len(warehouses),
        warehouses=warehouses,
        deadline=AT + timedelta(seconds=30),
        at=AT,
    )
    wish = WISHES[:1] if bounds.rollback else ()
    nothing_yet = Office(approves, (), bounds.own_duplicates, bounds.losses, bounds.crashes)
    return nothing_yet.sent((created, DeadlinePassed(), *wish))
