"""The state of each order's saga when a fault hit it, read from the records."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from ecomkafka import messages as m
from ecomkafka.faults.flight_recorder import PASSED
from ecomkafka.messages import Message

STATES = ("reserving", "charging", "confirming", "compensating", "telling")
"""Waiting for the warehouses' replies; for the payment; until the goods are deducted, or released; for the mail."""


@dataclass
class _Known:
    warehouses: frozenset[str] | None = None
    reserved: set[str] = field(default_factory=set)
    rejected: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    deducted: set[str] = field(default_factory=set)
    confirmed: bool | None = None
    notified: bool = False

    def note(self, message: Message) -> None:
        match message:
            case m.OrderCreated(warehouses=warehouses):
                self.warehouses = frozenset(warehouses)
            case m.Reserved(warehouse_id=warehouse):
                self.reserved.add(warehouse)
            case m.InsufficientStock(warehouse_id=warehouse):
                self.rejected.add(warehouse)
            case m.Released(warehouse_id=warehouse):
                self.released.add(warehouse)
            case m.StockDeducted(warehouse_id=warehouse):
                self.deducted.add(warehouse)
            case m.OrderConfirmed():
                self.confirmed = True
            case m.OrderCancelled():
                self.confirmed = False
            case m.NotificationSent() | m.NotificationFailed():
                self.notified = True

    @property
    def state(self) -> str | None:
        """None when nothing more is to come."""
        if self.warehouses is None:
            return "reserving"
        if self.confirmed is None:
            return "charging" if self.reserved >= self.warehouses else "reserving"
        if self.confirmed and not self.deducted >= self.warehouses:
            return "confirming"
        if not self.confirmed and not (
            self.reserved | self.rejected >= self.warehouses and self.reserved <= self.released
        ):
            return "compensating"
        return None if self.notified else "telling"


class SagaStates:
    """Notes every committed message, in any sequence of topics. Thread-safe."""

    def __init__(self) -> None:
        self._open: dict[str, _Known] = {}
        self._over: set[str] = set()
        """So that a late copy opens nothing again."""
        self._lock = threading.Lock()

    def note(self, message: Message | None) -> None:
        order_id = getattr(message, "order_id", None)
        if message is None or order_id is None or order_id in self._over:
            return
        with self._lock:
            known = self._open.setdefault(order_id, _Known())
            known.note(message)
            if known.state is None:
                del self._open[order_id]
                self._over.add(order_id)

    def count(self) -> Counter[str]:
        """The number of orders in each state; finished orders are left out."""
        with self._lock:
            return Counter(state for known in self._open.values() if (state := known.state))


class Met(NamedTuple):
    """What one fault met."""

    fault: str
    states: Mapping[str, int]
    """Orders by the state of their saga when it struck."""
    points: Sequence[str] = ()
    """The points of the loop at which it killed or froze processes."""


def met_table(met: Iterable[Met]) -> pd.DataFrame:
    """One row a fault: how often it struck, how many orders it met in which state, and processes at which point."""
    counts: dict[str, Counter[str]] = {}
    for fault, states, points in met:
        counts.setdefault(fault, Counter()).update({"strikes": 1, **states} | Counter(points))
    table = pd.DataFrame.from_dict(counts, orient="index", columns=None)
    columns = ["strikes", *STATES, *PASSED]
    return table.reindex(columns=columns).fillna(0).astype(int).rename_axis("fault").sort_index()


def not_met(table: pd.DataFrame) -> list[str]:
    """The states and points at which nothing struck: the more they are, the easier was the run."""
    return [column for column in table.columns[1:] if not table[column].sum()]
