"""Warehouses that are alike: a world in which two have exchanged their places is the same world.

Source: Ip and Dill, "Better Verification Through Symmetry", 1996.
"""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any

from ecomkafka.messages import Value
from ecomkafka.model_checking.model import Model, World
from ecomkafka.model_checking.rule import OFFICE, Reaction, in_sequence


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with other names of warehouses, however deep they are in it. A list of names has no sequence."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, frozenset):
        return frozenset(renamed(part, names) for part in value)
    if isinstance(value, tuple):
        parts = [renamed(part, names) for part in value]
        if hasattr(value, "_fields"):
            return type(value)(*parts)
        return tuple(sorted(parts) if parts and all(part in names for part in value) else parts)
    if isinstance(value, Value):
        return type(value)(**{field: renamed(getattr(value, field), names) for field in value.__struct_fields__})
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: renamed(getattr(value, field.name), names) for field in dataclasses.fields(value)}
        return type(value)(**fields)
    return value


class NotAlikeError(Exception):
    """The rule treats one warehouse otherwise than another."""


class Symmetry:
    """Gives each world its representative: the one whose warehouses stand in a fixed sequence.

    It trusts no rule: whatever the rule was asked is asked again with two names exchanged, and has to give the same
    answer with these names exchanged.
    """

    def __init__(self, model: Model) -> None:
        self._model, self._names = model, model.names
        self._unchanged = list(range(len(self._names)))
        self._proved = 0
        self._mark, self._moved = cache(self._find_mark), cache(self._move)

    def representative(self, world: World) -> World:
        state, desk, stocks = world
        marks = [(stock, self._mark(state, place)) for place, stock in enumerate(stocks)]
        sequence = sorted(self._unchanged, key=marks.__getitem__)
        if sequence == self._unchanged:
            return world
        return self._moved(state, tuple(sequence)), desk, tuple(stocks[place] for place in sequence)

    def prove(self) -> None:
        """Raises NotAlikeError unless all answers of the rule since the last time are the same for other names."""
        while self._proved < len(self._model.asked):
            question = self._model.asked[self._proved]
            self._proved += 1
            for place in range(len(self._names) - 1):
                self._exchange(question, place)

    def _exchange(self, question: tuple[int, int, int], first: int) -> None:
        state, place, message = question
        sequence = list(self._unchanged)
        sequence[first], sequence[first + 1] = first + 1, first
        there = place if place == OFFICE else sequence[place]
        answer = self._model.reaction(*question)
        other = self._model.reaction(self._moved(state, tuple(sequence)), there, message)
        if not (answer.error and other.error) and other != self._renamed(answer, sequence):
            raise NotAlikeError(f"asked for {self._model.messages[message]!r:.80}")

    def _renamed(self, answer: Reaction, sequence: list[int]) -> Reaction:
        commands = sorted(((sequence[place], message) for place, message in answer.commands), key=in_sequence)
        names = self._exchanged(sequence)
        return answer._replace(state=renamed(answer.state, names), commands=tuple(commands))

    def _exchanged(self, sequence: list[int] | tuple[int, ...]) -> dict[str, str]:
        """What stood at `sequence[number]` is now at `number`."""
        return {self._names[place]: self._names[number] for number, place in enumerate(sequence)}

    def _find_mark(self, state: int, place: int) -> int:
        name = self._names[place]
        names = {other: "this" if other == name else "other" for other in self._names}
        return self._model.states.number(renamed(self._model.states[state], names))

    def _move(self, state: int, sequence: tuple[int, ...]) -> int:
        return self._model.states.number(renamed(self._model.states[state], self._exchanged(sequence)))
