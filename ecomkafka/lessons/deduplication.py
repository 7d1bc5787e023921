"""The memory that deduplication needs: old duplicates against a bounded number of remembered ids."""

from random import Random
from typing import Any

import pandas as pd

from ecomkafka.clock import SYSTEM_CLOCK
from ecomkafka.domain import stock
from ecomkafka.engine.state import State
from ecomkafka.messages import Deduct, Item, Reserve, Restock, encode

WAREHOUSE, PRODUCT = "WH", "LAPTOP"


class Shelf:
    """One warehouse's state as the inventory service keeps it, with a memory of `keep` ended orders."""

    def __init__(self, keep: int, units: int) -> None:
        self.state = State(lambda entry: isinstance(entry, stock.Reservation) and entry.closed)
        self.state.remember = keep  # type: ignore[misc]  # this one alone: the class keeps its own
        items = (Item(product_id=PRODUCT, quantity=units),)
        self._handle(Restock(restock_id="opening", warehouse_id=WAREHOUSE, items=items, at=SYSTEM_CLOCK.now()))

    @property
    def units(self) -> int:
        product = self.state.get(stock.product_key(PRODUCT))
        assert isinstance(product, stock.Product)
        return product.on_hand

    def sell(self, number: int) -> None:
        """Reserve and deduct one unit for this order; for an order that is remembered nothing changes."""
        order: dict[str, Any] = {"order_id": f"ORD-{number:06d}", "warehouse_id": WAREHOUSE, "at": SYSTEM_CLOCK.now()}
        self._handle(Reserve(items=(Item(product_id=PRODUCT, quantity=1),), **order))
        self._handle(Deduct(**order))

    def _handle(self, command: stock.Command) -> None:
        """As one transaction of the service: handle, put, commit."""
        for key, entry in stock.handle(self.state, command).changes.items():
            self.state.put(key, entry)
        self.state.accept()
        self.state.changes()
        self.state.commit()


def delays(orders: int, seed: int = 0) -> list[int]:
    """After how many further orders the copy of each comes: mostly soon, a few very late (a Pareto distribution)."""
    random = Random(seed)
    return [int(random.paretovariate(0.7)) for _ in range(orders)]


def sold_twice(keep: int, late: list[int]) -> int:
    """Sell an order for each entry of `late`, and send its copy after so many further ones; returns how many copies
    were not recognised. The shop sells on until a copy that has not come yet would be forgotten in any case.
    """
    last = len(late) + keep
    copies: dict[int, list[int]] = {}
    for number, delay in enumerate(late):
        copies.setdefault(min(number + delay, last), []).append(number)
    shelf = Shelf(keep, units=last + 1 + len(late))
    for number in range(last + 1):
        shelf.sell(number)
        for copy in copies.get(number, ()):
            shelf.sell(copy)
    return len(late) - shelf.units


def measure(keeps: tuple[int, ...], orders: int = 1_000) -> pd.DataFrame:
    """One row per size of memory: ids kept, copies not recognised, bytes of the ids in the changelog."""
    late = delays(orders)
    rows = [(keep, sold_twice(keep, late), keep * id_bytes()) for keep in keeps]
    return pd.DataFrame(rows, columns=["ids kept", "unrecognised", "bytes"])


def id_bytes() -> int:
    """What one remembered order takes in the changelog, key and value, in bytes."""
    ended = stock.Reservation(state=stock.State.DEDUCTED)
    return len(f"order/{WAREHOUSE}/ORD-000001") + len(encode(ended))
