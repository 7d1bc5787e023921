"""A trace: how it began, and what happened then; kept as JSON, and run again as a test."""

from typing import Any

import msgspec

from ecomkafka.messages import Value
from ecomkafka.model_checking.bounds import Bounds
from ecomkafka.model_checking.log import Kind


class Move(Value, frozen=True, omit_defaults=True):
    """One thing that happens: `kind`, to the message `what`, of a warehouse or of the order itself ("")."""

    kind: Kind
    what: str
    warehouse: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind, self.what, self.warehouse) if part)


class Beginning(Value, frozen=True):
    """`short`: the warehouses that have too little; `approves`: whether the customer's card is good."""

    short: tuple[str, ...]
    approves: bool

    def __str__(self) -> str:
        card = "the card is good" if self.approves else "the card is declined"
        return f"{card}, " + (f"too little in {' and '.join(self.short)}" if self.short else "enough in stock")


class Trace(Value, frozen=True):
    """A way from a beginning, move by move."""

    bounds: Bounds
    beginning: Beginning
    moves: tuple[Move, ...]

    def __str__(self) -> str:
        lines = [f"   {self.beginning}", *(f"{number:2} {move}" for number, move in enumerate(self.moves, 1))]
        return "\n".join(lines)

    def to_json(self) -> str:
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()

    @classmethod
    def from_json(cls, text: str) -> "Trace":
        """Raises ValueError that says what is wrong with the text."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise ValueError(f"this is no trace: {error}") from error


class NoSuchMoveError(ValueError):
    """The move can't happen there: the rule or the bounds are others than those of the trace."""


def follow(model: Any, trace: Trace) -> list[Any]:
    """The worlds of the trace, the beginning first, under the model's rule. Raises NoSuchMoveError."""
    worlds = [model.world(trace.beginning)]
    for number, move in enumerate(trace.moves, 1):
        possible = dict(model.moves(worlds[-1]))
        if move not in possible:
            there = ", ".join(map(str, possible)) or "none"
            raise NoSuchMoveError(f"move {number}, {move}: it is not possible there (possible: {there})")
        worlds.append(possible[move])
    return worlds
