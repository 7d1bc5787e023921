"""The order saga, orchestrated: reserve in every warehouse, charge, confirm; or compensate.

Source: Garcia-Molina and Salem, "Sagas", SIGMOD 1987.

`step` notes a message, then reacts to all that is known. It never asks what came last, so any order of arrival and any
duplicate leads to the same end. It keeps *who* answered: a count would take a duplicate for an answer.
"""

from datetime import datetime
from typing import Any

from ecomkafka.domain.order import Cancel, Confirm, Order, Status, decide, evolve
from ecomkafka.messages import (
    Deduct,
    InsufficientStock,
    Kind,
    Message,
    OrderCreated,
    Reason,
    Release,
    Released,
    Reserved,
    RollbackRequested,
    SendNotification,
    Value,
    replace,
)

Names = frozenset[str]


class Saga(Value, frozen=True, omit_defaults=True):
    """What is known of one order. `order` is None until its ORDER_CREATED arrives: a reply may be faster."""

    order: Order | None = None
    deadline: datetime | None = None
    reserved: Names = frozenset()
    rejected: Names = frozenset()
    releasing: Names = frozenset()
    released: Names = frozenset()
    charging: bool = False
    paid: bool | None = None
    """True: approved, False: declined, None: not known."""
    voiding: bool = False
    """The payment is to be undone, and the gateway has not said yet that it is."""
    voided: bool = False
    rolled_back: bool = False
    withdrawn: bool = False
    """The customer has asked for the cancellation."""
    expired: bool = False
    closed: bool = False
    """Nothing more can happen. All else is forgotten; only late duplicates come now, and they are ignored."""


class PaymentAnswered(Value, frozen=True):
    approved: bool


class PaymentVoided(Value, frozen=True):
    """The gateway has undone the charge and will refuse a later one."""


class DeadlinePassed(Value, frozen=True):
    """It is later than the saga's deadline."""


class Charge(Value, frozen=True):
    """Ask the payment gateway for the order's total; its answer comes back as PaymentAnswered."""

    order: Order


class Void(Value, frozen=True):
    """Undo a charge that was made, or may have been: its answer never came."""

    order: Order


Reply = Reserved | InsufficientStock | Released | RollbackRequested
Input = OrderCreated | Reply | PaymentAnswered | PaymentVoided | DeadlinePassed
Output = Message | Charge | Void


def step(saga: Saga, message: Input) -> tuple[Saga, tuple[Output, ...]]:
    """The saga after `message`, and what is to be sent or done. Pure and idempotent."""
    if saga.closed:
        return saga, _refuse(message)
    return _react(_note(saga, message))


def _refuse(message: Input) -> tuple[Output, ...]:
    """After the end nobody may hold stock: a late RESERVED is let go; of deducted goods nothing is held."""
    if isinstance(message, Reserved):
        return (Release(order_id=message.order_id, warehouse_id=message.warehouse_id, at=message.at),)
    return ()


def _note(saga: Saga, message: Input) -> Saga:
    """Write down the fact and nothing else."""
    match message:
        case OrderCreated():
            slim = replace(evolve(saga.order, message), lines=())  # the log keeps the lines; the saga need not
            return replace(saga, order=slim, deadline=message.deadline)
        case Reserved(warehouse_id=warehouse):
            return replace(saga, reserved=saga.reserved | {warehouse})
        case InsufficientStock(warehouse_id=warehouse):
            return replace(saga, rejected=saga.rejected | {warehouse})
        case Released(warehouse_id=warehouse):
            return replace(saga, released=saga.released | {warehouse})
        case PaymentAnswered(approved=approved):
            return replace(saga, paid=approved)
        case PaymentVoided():
            return replace(saga, voiding=False, voided=True)
        case RollbackRequested(reason=Reason.CUSTOMER_REQUEST):
            return replace(saga, withdrawn=True)
        case RollbackRequested():
            return replace(saga, rolled_back=True)
        case DeadlinePassed():
            return replace(saga, expired=True)


def _react(saga: Saga) -> tuple[Saga, tuple[Output, ...]]:
    order = saga.order
    if order is None:
        return saga, ()
    if order.status is Status.PENDING:
        reason = _failure(saga)
        if reason:
            return _cancel(saga, order, reason)
        if saga.reserved >= set(order.warehouses):
            return _confirm(saga, order) if saga.paid else _charge(saga, order)
    if order.status is Status.CANCELLED:
        return _compensate(saga, order, ())
    return saga, ()


def _failure(saga: Saga) -> Reason | None:
    """The first reason to give up, in a fixed order, so that arrival does not choose among them."""
    if saga.rejected:
        return Reason.INSUFFICIENT_STOCK
    if saga.paid is False:
        return Reason.PAYMENT_DECLINED
    if saga.rolled_back:
        return Reason.ROLLED_BACK
    if saga.withdrawn:
        return Reason.CUSTOMER_REQUEST
    return Reason.TIMEOUT if saga.expired else None


def _charge(saga: Saga, order: Order) -> tuple[Saga, tuple[Output, ...]]:
    if saga.charging:
        return saga, ()
    return replace(saga, charging=True), (Charge(order=order),)


def _confirm(saga: Saga, order: Order) -> tuple[Saga, tuple[Output, ...]]:
    events = decide(order, Confirm())
    deducts = [_to(Deduct, order, warehouse) for warehouse in order.warehouses]
    # Held elsewhere only if the order's id was used twice, for two different baskets.
    strays = [_to(Release, order, warehouse) for warehouse in sorted(saga.reserved - set(order.warehouses))]
    return Saga(closed=True), (*events, *deducts, *strays, _notification(order, Kind.ORDER_CONFIRMED, None))


def _cancel(saga: Saga, order: Order, reason: Reason) -> tuple[Saga, tuple[Output, ...]]:
    events = decide(order, Cancel(reason=reason))
    for event in events:
        order = evolve(order, event)
    return _compensate(replace(saga, order=order), order, (*events, _notification(order, Kind.ORDER_CANCELLED, reason)))


def _compensate(saga: Saga, order: Order, outputs: tuple[Output, ...]) -> tuple[Saga, tuple[Output, ...]]:
    """Release what is held and not released yet; close when all have answered and let go, and the money is back."""
    if _may_be_charged(saga, order):
        saga, outputs = replace(saga, voiding=True), (*outputs, Void(order=order))
    held = sorted(saga.reserved - saga.releasing)
    outputs += tuple(_to(Release, order, warehouse) for warehouse in held)
    answered = saga.reserved | saga.rejected
    if answered >= set(order.warehouses) and saga.reserved <= saga.released and not saga.voiding:
        return Saga(closed=True), outputs
    return replace(saga, releasing=saga.reserved), outputs


def _may_be_charged(saga: Saga, order: Order) -> bool:
    """Whether money may have moved and has not moved back: never undo what was not done.

    An attempt whose transaction was aborted may have charged, forgotten here; if so, every warehouse had reserved.
    """
    asked = saga.charging or saga.reserved >= set(order.warehouses)
    return asked and saga.paid is not False and not (saga.voiding or saga.voided)


def _to(command: type[Deduct] | type[Release], order: Order, warehouse: str) -> Message:
    return command(order_id=order.order_id, warehouse_id=warehouse, at=order.at)


def _notification(order: Order, kind: Kind, reason: Reason | None) -> SendNotification:
    details: dict[str, Any] = {"customer_id": order.customer_id, "total": order.total, "reason": reason}
    return SendNotification(
        notification_id=f"{order.order_id}-{kind}", order_id=order.order_id, kind=kind, at=order.at, **details
    )
