"""Both sides of a front door: a door that loses answers, and the desk of a gateway whose power fails."""

from collections.abc import Sequence
from typing import Any

from ecomkafka.exercises.checking.power_cut import PowerCut


class NoAnswer(Exception):
    """Nothing came back: what was asked for may have been done."""


class Refused(Exception):
    """The circuit is open: the neighbour was not asked."""


class Door:
    """A door as a client sees it. `losses`: what is lost next, the "request" or its "answer"; then nothing more."""

    def __init__(self, losses: Sequence[str]) -> None:
        self.orders: list[Any] = []
        """What was ordered, by intention as the door understands it."""
        self._losses = list(losses)
        self._known: dict[str, int] = {}

    def post(self, order: Any, key: str | None = None) -> str:
        """Send an order; returns its id. The same key again is the same order. Raises NoAnswer."""
        loss = self._losses.pop(0) if self._losses else ""
        if loss == "request":
            raise NoAnswer("no answer")
        number = self._known.get(key) if key is not None else None
        if number is None:
            self.orders.append(order)
            number = len(self.orders)
            if key is not None:
                self._known[str(key)] = number
        if loss == "answer":
            raise NoAnswer("no answer")
        return f"ORD-{number}"


class Desk:
    """What a gateway has behind it. The power fails before tool `cut`, or after it (-1: never)."""

    def __init__(self, cut: int) -> None:
        self.orders: dict[str, Any] = {}
        """By id; they survive a power cut, and so do the notes."""
        self._notes: dict[str, str] = {}
        self._left, self._ids = cut, 0

    def new_id(self) -> str:
        """An id that was never there."""
        self._ids += 1
        return f"ORD-new-{self._ids}"

    def note(self, key: str, order_id: str) -> None:
        """Remember the id for this key."""
        self._power()
        self._notes[key] = order_id
        self._power()

    def noted(self, key: str) -> str | None:
        """The id that was noted for this key, or None."""
        return self._notes.get(key)

    def place(self, order_id: str, order: Any) -> None:
        """Place the order in Kafka; once more with the same id changes nothing."""
        self._power()
        self.orders.setdefault(str(order_id), order)
        self._power()

    def find(self, order_id: str) -> Any:
        """The order with this id, or None."""
        return self.orders.get(order_id)

    def restart(self) -> None:
        """The power is back, for good."""
        self._left = -1

    def _power(self) -> None:
        if self._left == 0:
            raise PowerCut
        self._left -= 1
