"""The rule under test, asked once for each state and message: what it answers, and to which place that goes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ecomkafka.domain.saga import Charge, DeadlinePassed, PaymentAnswered, Void
from ecomkafka.messages import (
    Deduct,
    InsufficientStock,
    OrderCancelled,
    OrderConfirmed,
    Reason,
    Release,
    RollbackRequested,
    SendNotification,
    replace,
)
from ecomkafka.model_checking.places import SOMEWHERE, End, Office

Step = Callable[[Any, Any], tuple[Any, Sequence[Any]]]
"""From what is known and a message to what is known then, and what is to be sent: as `domain.saga.step`."""

OFFICE = -1
"""The place of the order's own messages; the warehouses are 0, 1, 2."""


class Reaction(NamedTuple):
    """What the rule knows then, and what it sends: `commands` as (place, message)."""

    state: Any
    commands: tuple[tuple[int, Any], ...] = ()
    requests: tuple[Charge | Void, ...] = ()
    ends: tuple[End, ...] = ()
    told: tuple[End, ...] = ()
    error: str = ""

    def noted(self, office: Office, message: Any) -> Office:
        """The office after the order service has handled `message` and committed."""
        heard, fits = office.heard, office.fits
        if not office.ends and (reason := reason_in(message)) and reason not in heard:
            heard = tuple(sorted((*heard, reason), key=list(Reason).index))
        if self.ends and not office.ends:
            fits, heard = self.ends[0][1] == (heard[0] if heard else None), ()
        return office.sent(self.requests)._replace(
            asked=office.asked + self._charges,
            heard=heard,
            fits=fits,
            ends=office.ends + self.ends,
            told=office.told + self.told,
            error=self.error,
        )

    def crashed(self, office: Office) -> Office | None:
        """The office if the commit fails: only the charge has left the house. None: nothing has."""
        if not (self._charges and office.crashes):
            return None
        charges = tuple(request for request in self.requests if isinstance(request, Charge))
        return office.sent(charges)._replace(crashes=office.crashes - 1)

    @property
    def _charges(self) -> int:
        return sum(isinstance(request, Charge) for request in self.requests)


def reason_in(message: Any) -> Reason | None:
    """The reason to cancel that a message brings."""
    match message:
        case InsufficientStock():
            return Reason.INSUFFICIENT_STOCK
        case PaymentAnswered(approved=False):
            return Reason.PAYMENT_DECLINED
        case RollbackRequested(reason=reason):
            return reason
        case DeadlinePassed():
            return Reason.TIMEOUT
    return None


def addressed(message: Any, warehouse: str) -> Any:
    """The message of a warehouse that knows no name, as the order service reads it."""
    return replace(message, warehouse_id=warehouse) if hasattr(message, "warehouse_id") else message


def ask(step: Step, names: Sequence[str], state: Any, message: Any) -> Reaction:
    """Ask the rule twice, because a rule that is not pure can't be searched. Whatever it raises is an answer, too."""
    try:
        known, outputs = step(state, message)
        hash(known)
        if step(state, message) != (known, outputs):
            raise ValueError("asked twice with the same state and message, the rule gave two answers: it is not pure")
        return _sorted_out(known, outputs, names)
    except Exception as error:  # noqa: BLE001 - whatever a rule of anybody raises is what was searched for
        return Reaction(state, error=f"{type(error).__name__}: {error}")


def in_sequence(command: tuple[int, Any]) -> tuple[int, str]:
    """The key by which commands are sorted: by place, then by what they say."""
    place, message = command
    return place, message.type


def _sorted_out(state: Any, outputs: Sequence[Any], names: Sequence[str]) -> Reaction:
    commands: list[tuple[int, Any]] = []
    requests: list[Charge | Void] = []
    ends: list[End] = []
    told: list[End] = []
    for output in outputs:
        match output:
            case Deduct() | Release():
                if output.warehouse_id not in names:
                    raise ValueError(
                        f"{output.type} to {output.warehouse_id!r}: the order is in {', '.join(names)} only"
                    )
                commands.append((names.index(output.warehouse_id), replace(output, warehouse_id=SOMEWHERE)))
            case Charge() | Void():
                requests.append(output)
            case OrderConfirmed():
                ends.append(("CONFIRMED", None))
            case OrderCancelled(reason=reason):
                ends.append(("CANCELLED", reason))
            case SendNotification(kind=kind, reason=reason):
                told.append((kind.removeprefix("ORDER_"), reason))
            case _:
                raise ValueError(
                    f"the rule sent {output!r:.80}: a command, an event of the order, Charge or Void is allowed"
                )
    return Reaction(state, tuple(sorted(commands, key=in_sequence)), tuple(requests), tuple(ends), tuple(told))
