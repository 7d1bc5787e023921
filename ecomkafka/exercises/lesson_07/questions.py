"""Compensation: release what is held and no more, find a leak in the log, undo what may have happened."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product
from typing import Any

from ecomkafka.domain import stock
from ecomkafka.domain.stock import Entry
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import pairs
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import (
    Deduct,
    Item,
    Message,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    Reason,
    Release,
    Reserve,
    Restock,
)

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
UNITS = {"LAPTOP-001": 1, "HEADSET-001": 2}

Shelf = dict[str, Any]


# --- q1: release what is held, however often the command comes

GIVEN_TWICE = (
    "The same RELEASE came twice, and the goods came back twice. Forget what the order held when you let it go."
)
NOTHING_BACK = "The order held goods and RELEASE came, and the goods are not available again."
STILL_HELD = "The goods are available again, and the shelf still says that the order holds them."
NOT_HELD = "That order holds nothing here any more: its goods have left the warehouse. Nothing comes back."


def release(shelf: dict[str, Any], order_id: str) -> None:
    """Release what the order holds: shelf["held"] is order id to units, shelf["available"] units."""
    shelf["available"] += shelf["held"].pop(order_id, 0)


def examine_release(answer: Bounded, stage: Stage) -> None:
    stage.create("inventory.requests")
    (rome,) = messages_of("R-1", "ann", {"HEADSET-001": 30}, NOW)[1]
    place: dict[str, Any] = {"warehouse_id": rome.warehouse_id, "at": NOW}
    ask = {name: Reserve(order_id=name, items=rome.items, **place) for name in ("R-1", "R-2", "R-3")}
    undo = {name: Release(order_id=name, **place) for name in ("R-1", "R-2", "R-9")}
    deduct = Deduct(order_id="R-2", **place)
    commands = [*ask.values(), undo["R-1"], deduct, undo["R-2"], undo["R-1"], undo["R-9"]]
    shelf: Shelf = {"available": 100, "held": {}}
    right: Shelf = {"available": 100, "held": {}}
    for record in stage.send("inventory.requests", commands, lambda command: str(command.warehouse_id)):
        _carry_out(shelf, record.message, answer)
        _carry_out(right, record.message, release)
        if shelf["available"] != right["available"]:
            less = shelf["available"] < right["available"]
            again = record.message == undo["R-1"]
            hint = NOTHING_BACK if less else GIVEN_TWICE if again else NOT_HELD
            raise Wrong(hint, right, f"{shelf} after {record.message.type} {record.message.order_id}", record.position)
    held = {name: units for name, units in shelf["held"].items() if units}
    if held != right["held"]:
        raise Wrong(STILL_HELD, f"{right['held']} held in the end", f"{shelf['held']}", record.position)


def _carry_out(shelf: Shelf, command: Any, release: Any) -> None:
    if isinstance(command, Reserve):
        shelf["held"][command.order_id] = command.items[0].quantity
        shelf["available"] -= command.items[0].quantity
    elif isinstance(command, Deduct):
        shelf["held"].pop(command.order_id, None)
    else:
        release(shelf, command.order_id)


q1 = Question(
    "07.q1",
    examine_release,
    release,
    "a command twice, one for goods that are gone, one for an order that nobody knows: the shelf is right.",
)


# --- q2: an invariant that finds the leak

SOLD = "That order is confirmed: its goods were deducted, and are held by nobody."
RELEASED = "What that order held there was released. The log says so."
MISSED = "A cancelled order still holds goods there. Look at each warehouse on its own."
PENDING = "That order is not decided yet: it may hold what it has reserved. A leak is what a cancelled order holds."


def leaks(events: list[Any]) -> set[tuple[str, str]]:
    """The (order id, warehouse id) that hold goods for a cancelled order, from all events of orders and inventory."""
    cancelled = {event.order_id for event in events if event.type == "ORDER_CANCELLED"}
    held = {(event.order_id, event.warehouse_id) for event in events if event.type == "STOCK_RESERVED"}
    released = {(event.order_id, event.warehouse_id) for event in events if event.type == "STOCK_RELEASED"}
    return {(order_id, warehouse) for order_id, warehouse in held - released if order_id in cancelled}


def examine_leaks(answer: Bounded, stage: Stage) -> None:
    stage.create("orders.events", "inventory.events")
    orders, commands = _a_leaky_day()
    records = [
        *stage.send("orders.events", orders, lambda event: str(event.order_id)),
        *stage.send("inventory.events", _carried_out(commands), lambda event: str(event.warehouse_id)),
    ]
    events = [record.message for record in records if record.message.type != "STOCK_RESTOCKED"]
    for day in (events, [event for event in events if event.order_id != "L-2"]):
        found, right = set(pairs(answer(list(day)), "a set of pairs (order id, warehouse id)")), leaks(day)
        if found != right:
            order_id, warehouse = min((found - right) or (right - found))
            hint = _misjudged(day, order_id) if found - right else MISSED
            of_warehouse = {getattr(r.message, "warehouse_id", ""): r.position for r in reversed(records)}
            about = f"{of_warehouse.get(warehouse, 'nowhere')}, about {order_id}"
            raise Wrong(hint, f"{sorted(right)}", f"{sorted(found)!r:.90}", about)


def _misjudged(events: Iterable[Any], order_id: str) -> str:
    """The hint for an order that was named and has no leak."""
    types = {event.type for event in events if event.order_id == order_id}
    if "ORDER_CONFIRMED" in types:
        return SOLD
    return RELEASED if "ORDER_CANCELLED" in types else PENDING if types else MISSED


def _a_leaky_day() -> tuple[list[Message], list[stock.Command]]:
    """L-1 is confirmed; L-2 is cancelled and one of its warehouses was not told; L-3 is cancelled, and all is well; L-4
    is pending.
    """
    events: list[Message] = []
    commands: list[stock.Command] = []
    for order_id, told in (("L-1", 0), ("L-2", 1), ("L-3", 2), ("L-4", 0)):
        created, asked = messages_of(order_id, "ann", UNITS, NOW)
        end: dict[str, Any] = {"order_id": order_id, "total": created.total, "at": NOW}
        confirmed = order_id == "L-1"
        events.append(created)
        if order_id != "L-4":
            events.append(OrderConfirmed(**end) if confirmed else OrderCancelled(reason=Reason.TIMEOUT, **end))
        names = [ask.warehouse_id for ask in asked]
        commands += asked
        commands += [Deduct(order_id=order_id, warehouse_id=name, at=NOW) for name in names if confirmed]
        commands += [Release(order_id=order_id, warehouse_id=name, at=NOW) for name in names[:told]]
    return events, commands


def _carried_out(commands: Iterable[stock.Command]) -> list[Message]:
    """The inventory's events for these commands, as its own rules give them."""
    shelves: dict[str, dict[str, Entry]] = {}
    events: list[Message] = []
    for command in commands:
        shelf = shelves.setdefault(command.warehouse_id, {})
        if not shelf and isinstance(command, Reserve):
            items = tuple(Item(product_id=item.product_id, quantity=100) for item in command.items)
            opening = Restock(restock_id="opening", warehouse_id=command.warehouse_id, items=items, at=NOW)
            shelf.update(stock.handle(shelf, opening).changes)
        outcome = stock.handle(shelf, command)
        shelf.update(outcome.changes)
        events += [output for output in outcome.outputs if output.type.startswith("STOCK_")]
    return events


q2 = Question(
    "07.q2",
    examine_leaks,
    leaks,
    "you found the one reservation that a cancelled order left behind, and nothing else, and kept silent without it.",
)

# --- q3: undo what may have been done

MAYBE = "The gateway was asked and the answer is not known: the money may have moved. Void it, that can do no harm."
NO_CHARGE = "No money can have moved: the gateway was never asked, or has said no."
FORGOTTEN = "A warehouse that has reserved holds goods until RELEASE comes."
CHARGES = ("not asked", "asked", "approved", "declined")


def undo(reserved: list[str], charge: str) -> set[tuple[str, str]]:
    """What to send when an order is cancelled: ("RELEASE", warehouse id), and ("VOID", "") for its payment."""
    void = {("VOID", "")} if charge in ("asked", "approved") else set()
    return {("RELEASE", name) for name in reserved} | void


def examine_undo(answer: Bounded, stage: Stage) -> None:
    stage.create("orders.events")
    created, _ = messages_of("U-1", "ann", UNITS, NOW)
    (record,) = stage.send("orders.events", [created], lambda event: str(event.order_id))
    order: OrderCreated = record.message
    for reserved, charge in product((order.warehouses, order.warehouses[1:], ()), CHARGES):
        said, right = answer(list(reserved), charge), undo(list(reserved), charge)
        found = set(pairs(said, "a set of pairs of texts"))
        if found != right:
            about = f"{sorted(right)} for {list(reserved)}, charge {charge}"
            raise Wrong(_not_undone(found, right), about, f"{sorted(found)!r:.90}", record.position)


def _not_undone(found: set[tuple[str, str]], right: set[tuple[str, str]]) -> str:
    void = ("VOID", "")
    voids = void in found
    if voids == (void in right):
        return FORGOTTEN
    return NO_CHARGE if voids else MAYBE


q3 = Question(
    "07.q3",
    examine_undo,
    undo,
    "everything that was done or may have been done is undone.",
)
