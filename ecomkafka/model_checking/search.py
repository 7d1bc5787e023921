"""Breadth-first search through all worlds: the first counterexample is a shortest one.

Stateright's three kinds of properties: always, sometimes, eventually. Each world is visited once.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ecomkafka.domain.saga import Saga
from ecomkafka.domain.saga import step as saga_step
from ecomkafka.model_checking.bounds import Bounds
from ecomkafka.model_checking.cycles import cycle_in
from ecomkafka.model_checking.model import Model, World
from ecomkafka.model_checking.properties import PROPERTIES, Property, examples, it_comes_to_rest
from ecomkafka.model_checking.rule import Step
from ecomkafka.model_checking.symmetry import NotAlikeError, Symmetry
from ecomkafka.model_checking.trace import Beginning, Trace

MOST_WORLDS = 2_000_000
"""Some 500 bytes each."""


class Counterexample(NamedTuple):
    """Which property is broken, and the shortest way there."""

    broken: str
    sentence: str
    trace: Trace
    error: str
    """What the rule raised there, if that is what is wrong."""

    def __str__(self) -> str:
        text = f"{self.broken.replace('_', ' ')} ✗\n{self.trace}"
        return f"{text}\n   {self.error}" if self.error else text

    def __repr__(self) -> str:
        return str(self)


class Result(NamedTuple):
    """What a search has found. `alike`: warehouses that are alike were taken for one another."""

    counterexample: Counterexample | None
    worlds: int
    moves: int
    depth: int
    exhausted: bool
    alike: bool
    examples: dict[str, Trace | None]
    """The shortest way to each end; None: not met."""

    @property
    def holds(self) -> bool:
        """Nothing is broken, nothing was left out, and each end was met."""
        return self.exhausted and self.counterexample is None and None not in self.examples.values()

    def __str__(self) -> str:
        if self.counterexample:
            return str(self.counterexample)
        size = f"{self.worlds:,} worlds, {self.moves:,} moves, at most {self.depth} in a row"
        missing = [end for end, trace in self.examples.items() if trace is None]
        if not self.exhausted:
            return f"nothing found in {size}; the search was not exhausted"
        return f"nothing in {size}, but never met: {', '.join(missing)}" if missing else f"all holds in {size}"

    def __repr__(self) -> str:
        return str(self)


def check(
    step: Step = saga_step,
    start: Any = Saga(),  # noqa: B008 - frozen
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    properties: Sequence[Property] = PROPERTIES,
    most: int = MOST_WORLDS,
) -> Result:
    """Search all worlds of the rule within `bounds`, at most `most`, until a property is broken."""
    model = Model(step, start, bounds)
    try:
        return Search(model, properties, most, Symmetry(model)).result()
    except NotAlikeError:
        return Search(model, properties, most, None).result()


class Search:
    """One search. With a `symmetry` worlds whose warehouses have exchanged their places are one world."""

    def __init__(self, model: Model, properties: Iterable[Property], most: int, symmetry: Symmetry | None) -> None:
        self._model, self._properties, self._most = model, tuple(properties), most
        self._symmetry = symmetry
        self._numbers: dict[World, int] = {}
        self._worlds: list[World] = []
        self._beginnings: dict[int, Beginning] = {}
        self._parents: list[int] = []
        self._depths: list[int] = []
        self._nexts: list[tuple[int, ...]] = []
        self._wanted = examples(model.bounds)
        self._met: dict[str, int] = {}

    def result(self) -> Result:
        for beginning in self._model.beginnings():
            number = self._visit(self._model.world(beginning), -1)
            self._beginnings.setdefault(number, beginning)
        broken = self._first_broken()
        exhausted = len(self._nexts) == len(self._worlds)
        if broken is None and exhausted and (cycle := cycle_in(self._nexts)):
            broken = self._counterexample(it_comes_to_rest, [*self._way_to(cycle[0]), *cycle[1:], cycle[0]])
        return Result(
            counterexample=broken,
            worlds=len(self._worlds),
            moves=sum(map(len, self._nexts)),
            depth=self._depths[-1],
            exhausted=exhausted,
            alike=self._symmetry is not None,
            examples={end: self._example(end) for end in self._wanted},
        )

    def _first_broken(self) -> Counterexample | None:
        while len(self._nexts) < len(self._worlds) <= self._most:
            here = len(self._nexts)
            now = self._model.look(self._worlds[here])
            for holds in self._properties:
                if not holds(now):
                    return self._counterexample(holds, self._way_to(here))
            for end in [end for end in self._wanted if end not in self._met and self._wanted[end](now)]:
                self._met[end] = here
            self._nexts.append(tuple(self._visit(world, here) for *_, world in self._model.steps(self._worlds[here])))
            if self._symmetry:
                self._symmetry.prove()
        return None

    def _visit(self, world: World, parent: int) -> int:
        world = self._representative(world)
        number = self._numbers.get(world)
        if number is None:
            number = self._numbers[world] = len(self._worlds)
            self._worlds.append(world)
            self._parents.append(parent)
            self._depths.append(0 if parent < 0 else self._depths[parent] + 1)
        return number

    def _representative(self, world: World) -> World:
        return self._symmetry.representative(world) if self._symmetry else world

    def _counterexample(self, holds: Property, way: list[int]) -> Counterexample:
        error = self._model.look(self._worlds[way[-1]]).office.error
        return Counterexample(holds.__name__, " ".join((holds.__doc__ or "").split()), self._trace(way), error)

    def _example(self, end: str) -> Trace | None:
        return self._trace(self._way_to(self._met[end])) if end in self._met else None

    def _way_to(self, number: int) -> list[int]:
        """The numbers of the worlds from a beginning to this one: each was first found on a shortest way."""
        way = [number]
        while self._parents[way[-1]] >= 0:
            way.append(self._parents[way[-1]])
        return way[::-1]

    def _trace(self, way: list[int]) -> Trace:
        """The worlds were visited as their representatives; on the trace each warehouse keeps its name."""
        beginning = self._beginnings[way[0]]
        world, moves = self._model.world(beginning), []
        for following in way[1:]:
            move, world = next(
                (move, after)
                for move, after in self._model.moves(world)
                if self._representative(after) == self._worlds[following]
            )
            moves.append(move)
        return Trace(bounds=self._model.bounds, beginning=beginning, moves=tuple(moves))
