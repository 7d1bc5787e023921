"""A walk through the worlds of a model by hand: a move at a time, back again, and along another branch."""

from ecomkafka.model_checking.model import Model, World
from ecomkafka.model_checking.situation import Situation
from ecomkafka.model_checking.trace import Beginning, Move, NoSuchMoveError, Trace, follow


class Walk:
    """Where one is, how one came there, and the branches that one has left."""

    def __init__(self, model: Model, beginning: Beginning | None = None) -> None:
        self.model = model
        self.beginning = beginning or next(iter(model.beginnings()))
        self.branches: list[Trace] = []
        """The ways that were left for another one, the newest last."""
        self._moves: list[Move] = []
        self._worlds: list[World] = [model.world(self.beginning)]
        self._farthest: tuple[Move, ...] = ()

    @property
    def now(self) -> Situation:
        return self.model.look(self._worlds[-1])

    @property
    def moves(self) -> tuple[Move, ...]:
        """What has happened."""
        return tuple(self._moves)

    @property
    def possible(self) -> tuple[Move, ...]:
        """What may happen next."""
        return tuple(dict(self.model.moves(self._worlds[-1])))

    @property
    def trace(self) -> Trace:
        return self._trace(self.moves)

    def go(self, move: Move) -> None:
        """Let `move` happen. Raises NoSuchMoveError if it can't."""
        worlds = dict(self.model.moves(self._worlds[-1]))
        if move not in worlds:
            raise NoSuchMoveError(f"{move} is not possible here (possible: {', '.join(map(str, worlds)) or 'none'})")
        self._moves.append(move)
        self._worlds.append(worlds[move])
        if self.moves != self._farthest[: len(self._moves)]:
            self._leave_for(self.trace)
            self._farthest = self.moves

    def undo(self) -> None:
        """One move back; at the beginning nothing happens."""
        if self._moves:
            self._moves.pop()
            self._worlds.pop()

    def take(self, trace: Trace) -> None:
        """Go the whole way of `trace`; the way so far stays as a branch. Raises ValueError if it can't be gone here."""
        if trace.bounds != self.model.bounds:
            raise ValueError(f"the trace is for {trace.bounds}: this walk is within {self.model.bounds}")
        worlds = follow(self.model, trace)
        self._leave_for(trace)
        self.branches = [branch for branch in self.branches if branch != trace]
        self.beginning, self._moves, self._worlds = trace.beginning, list(trace.moves), worlds
        self._farthest = trace.moves

    def _leave_for(self, other: Trace) -> None:
        """Keep the farthest way so far, unless the other one only goes on from its end."""
        left = self._trace(self._farthest)
        goes_on = other.beginning == left.beginning and other.moves[: len(left.moves)] == left.moves
        if left.moves and not goes_on and left not in self.branches:
            self.branches.append(left)

    def _trace(self, moves: tuple[Move, ...]) -> Trace:
        return Trace(bounds=self.model.bounds, beginning=self.beginning, moves=moves)
