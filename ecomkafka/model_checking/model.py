"""One order with its warehouses and its payment: which worlds there are, and which moves lead from each.

A world is a few numbers: for what the rule knows, for the office, and for each warehouse. All parts are pure, so each
answer is worked out once and remembered.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

from ecomkafka.domain.saga import Saga
from ecomkafka.domain.saga import step as saga_step
from ecomkafka.model_checking.bounds import WAREHOUSES, Bounds
from ecomkafka.model_checking.log import Kind, label
from ecomkafka.model_checking.numbering import Numbering
from ecomkafka.model_checking.places import Office, Warehouse, office, warehouse
from ecomkafka.model_checking.rule import OFFICE, Reaction, Step, addressed, ask
from ecomkafka.model_checking.situation import Situation, Standing
from ecomkafka.model_checking.trace import Beginning, Move

World = tuple[int, int, tuple[int, ...]]
"""What the rule knows, the office, the warehouses."""

Happening = tuple[Kind, int, World]


class Model:
    """All worlds of one rule within `bounds`. `step` and `start` are those of a saga: by default the shop's own."""

    def __init__(self, step: Step = saga_step, start: Any = Saga(), bounds: Bounds = Bounds()) -> None:  # noqa: B008 - both are frozen
        self.bounds = bounds
        self.names = WAREHOUSES[: bounds.warehouses]
        self._step, self._start = step, start
        self.states: Numbering[Any] = Numbering()
        self.messages: Numbering[Any] = Numbering()
        self._places: Numbering[Any] = Numbering()
        self.asked: list[tuple[int, int, int]] = []
        """The questions to the rule so far: state, place, message."""
        self._reactions: list[Reaction] = []
        self._question = cache(self._ask)
        self._happenings = cache(self._find_happenings)
        self._committed, self._crashed, self._sent = cache(self._commit), cache(self._crash), cache(self._send)
        self._standing = cache(self._look_at)

    # --- worlds

    def beginnings(self) -> Iterator[Beginning]:
        """Every card, and every choice of warehouses that have too little."""
        for approves in (True, False):
            for enough in product((True, False), repeat=len(self.names)):
                short = tuple(name for name, has in zip(self.names, enough, strict=True) if not has)
                yield Beginning(short=short, approves=approves)

    def world(self, beginning: Beginning) -> World:
        """Nothing has happened yet."""
        desk = office(self.names, beginning.approves, self.bounds)
        stocks = [warehouse(name not in beginning.short, self.bounds) for name in self.names]
        places = tuple(map(self._places.number, stocks))
        return self.states.number(self._start), self._places.number(desk), places

    def look(self, world: World) -> Situation:
        """The world as a property sees it."""
        state, desk, stocks = world
        standings = tuple(map(self._standing, stocks))
        quiet = not (self._standing(desk).in_flight or any(each.in_flight for each in standings))
        return Situation(self.states[state], self._places[desk], standings, quiet)

    def _look_at(self, place: int) -> Standing:
        there: Office | Warehouse = self._places[place]
        return Standing(there.goods if isinstance(there, Warehouse) else None, there.in_flight)

    # --- moves

    def moves(self, world: World) -> Iterator[tuple[Move, World]]:
        for kind, place, message, after in self.steps(world):
            name = "" if place == OFFICE else self.names[place]
            yield Move(kind=kind, what=label(self.messages[message]), warehouse=name), after

    def steps(self, world: World) -> Iterator[tuple[Kind, int, int, World]]:
        """The moves in numbers: kind, place, message and the world afterwards."""
        state, desk, stocks = world
        for kind, message, after, reaches in self._happenings(desk):
            taken = (state, after, stocks)
            if reaches:
                for handled, then in self._given(world, taken, OFFICE, message):
                    yield handled, OFFICE, message, then
            else:
                yield kind, OFFICE, message, taken
        for place, stock in enumerate(stocks):
            for kind, message, after, reaches in self._happenings(stock):
                taken = (state, desk, (*stocks[:place], after, *stocks[place + 1 :]))
                if reaches:
                    for handled, then in self._given(world, taken, place, message):
                        yield handled, place, message, then
                else:
                    yield kind, place, message, taken

    def _given(self, before: World, taken: World, place: int, message: int) -> Iterator[tuple[Kind, World]]:
        """The order service handles a message: it commits; or it crashes, and all is as before but a charge."""
        question = self._question(before[0], place, message)
        reaction = self._reactions[question]
        stocks = taken[2]
        if reaction.commands:
            stocks = tuple(self._sent(stock, number, question) for number, stock in enumerate(stocks))
        yield Kind.DELIVER, (self.states.number(reaction.state), self._committed(taken[1], question), stocks)
        if (crashed := self._crashed(before[1], question)) is not None:
            yield Kind.CRASH, (before[0], crashed, before[2])

    def _find_happenings(self, place: int) -> list[tuple[Kind, int, int, bool]]:
        """What can happen at one place; none after an error in the rule."""
        there: Office | Warehouse = self._places[place]
        return [
            (kind, self.messages.number(message), self._places.number(after), reaches)
            for kind, message, after, reaches in there.happenings()
        ]

    # --- the rule, asked once for each state and message

    def reaction(self, state: int, place: int, message: int) -> Reaction:
        return self._reactions[self._question(state, place, message)]

    def _ask(self, state: int, place: int, message: int) -> int:
        known = self.messages[message]
        addressee = known if place == OFFICE else addressed(known, self.names[place])
        self.asked.append((state, place, message))
        self._reactions.append(ask(self._step, self.names, self.states[state], addressee))
        return len(self._reactions) - 1

    def _commit(self, desk: int, question: int) -> int:
        message = self.messages[self.asked[question][2]]
        return self._places.number(self._reactions[question].noted(self._places[desk], message))

    def _crash(self, desk: int, question: int) -> int | None:
        crashed = self._reactions[question].crashed(self._places[desk])
        return None if crashed is None else self._places.number(crashed)

    def _send(self, stock: int, place: int, question: int) -> int:
        there: Warehouse = self._places[stock]
        commands = tuple(command for to, command in self._reactions[question].commands if to == place)
        return self._places.number(there.sent(commands)) if commands else stock
