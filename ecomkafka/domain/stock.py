"""A warehouse's stock: available = on hand - reserved, never negative.

A repeated command changes nothing and gets the same answer.

`handle` looks things up in `stock` (anything with `get`) and returns what changed beside what to send, so it is pure:
the caller decides when the changes count.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from ecomkafka.messages import (
    Deduct,
    InsufficientStock,
    Item,
    Level,
    Message,
    Release,
    Released,
    Reserve,
    Reserved,
    Restock,
    Shortage,
    StockDeducted,
    StockReleased,
    StockReserved,
    StockRestocked,
    Value,
)


class State(StrEnum):
    """What became of a command that is remembered."""

    HELD = "HELD"
    REJECTED = "REJECTED"
    RELEASED = "RELEASED"
    DEDUCTED = "DEDUCTED"
    RESTOCKED = "RESTOCKED"


class Warehouse(Value, frozen=True, tag=True):
    """A warehouse's totals in units; `version` counts its changes."""

    on_hand: int = 0
    reserved: int = 0
    version: int = 0


class Product(Value, frozen=True, tag=True):
    """One product's stock in units."""

    on_hand: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Reservation(Value, frozen=True, tag=True, omit_defaults=True):
    """What one order holds here, or what became of it. This is also the memory that makes commands repeatable."""

    state: State
    items: tuple[Item, ...] = ()
    shortages: tuple[Shortage, ...] = ()

    @property
    def closed(self) -> bool:
        """Nothing is held any more. A restock is never forgotten: a second time, it would be goods from nowhere."""
        return self.state not in (State.HELD, State.RESTOCKED)


OPENING = "opening"
"""How the id of a restock begins that puts the catalogue's units on the shelves."""

_RESTOCK = "restock"
"""How the key of a restock begins. The items of one that brings a product for the first time are remembered."""

Entry = Warehouse | Product | Reservation
Command = Restock | Reserve | Deduct | Release


class Stock(Protocol):
    def get(self, key: str, /) -> Entry | None: ...


class Outcome(NamedTuple):
    changes: dict[str, Entry]
    outputs: tuple[Message, ...]


def handle(stock: Stock, command: Command) -> Outcome:
    """What `command` changes and what is to be sent. Raises nothing that a well-formed command could cause."""
    match command:
        case Restock():
            return _restock(stock, command)
        case Reserve():
            return _reserve(stock, command)
        case Deduct():
            return _deduct(stock, command)
        case Release():
            return _release(stock, command)


def product_key(product_id: str) -> str:
    return f"product/{product_id}"


def products(stock: Mapping[str, Entry]) -> set[str]:
    """The ids of all products that have, or had, stock."""
    return {key.removeprefix(product_key("")) for key, entry in stock.items() if isinstance(entry, Product)}


def openings(stock: Mapping[str, Entry]) -> dict[str, int]:
    """With how many units each product was put on the shelves at first."""
    found = (items for _, name, items in restocks(stock) if name.startswith(f"{OPENING}-"))
    return {item.product_id: item.quantity for items in found for item in items}


def restocks(stock: Mapping[str, Entry]) -> Iterable[tuple[str, str, tuple[Item, ...]]]:
    """Warehouse, id and remembered items of each: an id may have slashes, a catalogue's warehouse has none."""
    for key, items in _restocked(stock).items():
        _, warehouse_id, restock_id = key.split("/", 2)
        yield warehouse_id, restock_id, items


def places(stock: Mapping[str, Entry]) -> dict[str, str]:
    """The warehouse of each product: the one in which it was put on the shelves at first."""
    warehouses = [key.removeprefix(warehouse_key("")) for key, entry in stock.items() if isinstance(entry, Warehouse)]
    return {
        item.product_id: warehouse_id
        for warehouse_id in sorted(warehouses, key=len)  # in an old log with slashes: the longest that fits
        for key, items in _restocked(stock).items()
        if key.startswith(f"{_RESTOCK}/{warehouse_id}/")
        for item in items
    }


def _restocked(stock: Mapping[str, Entry]) -> dict[str, tuple[Item, ...]]:
    """By key, the items of each restock, as far as they are remembered."""
    return {
        key: entry.items
        for key, entry in stock.items()
        if isinstance(entry, Reservation) and entry.state is State.RESTOCKED
    }


def warehouse_key(warehouse_id: str) -> str:
    return f"warehouse/{warehouse_id}"


def _memory_key(command: Command) -> str:
    if isinstance(command, Restock):
        return f"{_RESTOCK}/{command.warehouse_id}/{command.restock_id}"
    return f"order/{command.warehouse_id}/{command.order_id}"


def _is_first(stock: Stock, items: Iterable[Item]) -> bool:
    """Whether one of the products was never on the shelves."""
    return any(stock.get(product_key(item.product_id)) is None for item in items)


def _reservation(stock: Stock, command: Command) -> Reservation | None:
    entry = stock.get(_memory_key(command))
    return entry if isinstance(entry, Reservation) else None


def _product(stock: Stock, product_id: str) -> Product:
    entry = stock.get(product_key(product_id))
    return entry if isinstance(entry, Product) else Product()


def _restock(stock: Stock, command: Restock) -> Outcome:
    if _reservation(stock, command):
        return Outcome({}, ())
    changes, figures = _move(stock, command, command.items, on_hand=+1, reserved=0, state=State.RESTOCKED)
    return Outcome(changes, (StockRestocked(restock_id=command.restock_id, **figures),))


def _reserve(stock: Stock, command: Reserve) -> Outcome:
    known = _reservation(stock, command)
    if known:
        return Outcome({}, (_answer(command, known.shortages),))
    shortages = tuple(_shortages(stock, command.items))
    if shortages:
        rejected = Reservation(state=State.REJECTED, shortages=shortages)
        return Outcome({_memory_key(command): rejected}, (_answer(command, shortages),))
    changes, figures = _move(stock, command, command.items, on_hand=0, reserved=+1, state=State.HELD)
    return Outcome(changes, (_answer(command, ()), StockReserved(order_id=command.order_id, **figures)))


def _deduct(stock: Stock, command: Deduct) -> Outcome:
    known = _reservation(stock, command)
    if known is None or known.state is not State.HELD:
        return Outcome({}, ())
    changes, figures = _move(stock, command, known.items, on_hand=-1, reserved=-1, state=State.DEDUCTED)
    return Outcome(changes, (StockDeducted(order_id=command.order_id, **figures),))


def _release(stock: Stock, command: Release) -> Outcome:
    answer = Released(order_id=command.order_id, warehouse_id=command.warehouse_id, at=command.at)
    reservation = _reservation(stock, command)
    if reservation is None or reservation.state is not State.HELD:
        return Outcome(changes={}, outputs=(answer,))
    changes, figures = _move(stock, command, reservation.items, on_hand=0, reserved=-1, state=State.RELEASED)
    event = StockReleased(order_id=command.order_id, **figures)
    return Outcome(changes=changes, outputs=(answer, event))


def _shortages(stock: Stock, items: Iterable[Item]) -> Iterable[Shortage]:
    for product_id, quantity in _per_product(items).items():
        available = _product(stock, product_id).available
        if available < quantity:
            yield Shortage(product_id=product_id, requested=quantity, available=available)


def _answer(command: Reserve, shortages: tuple[Shortage, ...]) -> Reserved | InsufficientStock:
    if shortages:
        return InsufficientStock(
            order_id=command.order_id, warehouse_id=command.warehouse_id, shortages=shortages, at=command.at
        )
    return Reserved(order_id=command.order_id, warehouse_id=command.warehouse_id, at=command.at)


def _per_product(items: Iterable[Item]) -> dict[str, int]:
    units: dict[str, int] = {}
    for item in items:
        units[item.product_id] = units.get(item.product_id, 0) + item.quantity
    return units


def _move(
    stock: Stock, command: Command, items: Iterable[Item], *, on_hand: int, reserved: int, state: State
) -> tuple[dict[str, Entry], dict[str, Any]]:
    """Add `on_hand` and `reserved` times each item's quantity; returns the changed entries and the event's fields."""
    changes: dict[str, Entry] = {}
    levels, units = [], 0
    for product_id, quantity in _per_product(items).items():
        before = _product(stock, product_id)
        after = Product(on_hand=before.on_hand + on_hand * quantity, reserved=before.reserved + reserved * quantity)
        changes[product_key(product_id)] = after
        levels.append(Level(product_id=product_id, on_hand=after.on_hand, reserved=after.reserved))
        units += quantity
    key = warehouse_key(command.warehouse_id)
    entry = stock.get(key)
    total = entry if isinstance(entry, Warehouse) else Warehouse()
    changes[key] = total = Warehouse(
        on_hand=total.on_hand + on_hand * units, reserved=total.reserved + reserved * units, version=total.version + 1
    )
    kept = state is State.HELD or (state is State.RESTOCKED and _is_first(stock, items))
    changes[_memory_key(command)] = Reservation(state=state, items=tuple(items) if kept else ())
    figures = {
        "warehouse_id": command.warehouse_id,
        "version": total.version,
        "levels": tuple(levels),
        "on_hand": total.on_hand,
        "reserved": total.reserved,
        "at": command.at,
    }
    return changes, figures
