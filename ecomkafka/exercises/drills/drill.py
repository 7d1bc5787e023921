"""A drill: a shop that is ill, from its opening to its closing."""

import atexit
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from random import Random
from typing import Any, ClassVar, Self

from ecomkafka.exercises.checking import listeners
from ecomkafka.exercises.checking.verdict import Note, Outcome, Verdict
from ecomkafka.exercises.drills.case import Case
from ecomkafka.exercises.drills.cases import CASES
from ecomkafka.exercises.drills.choices import CAUSES, CURES, Choice
from ecomkafka.exercises.drills.operator import Operator
from ecomkafka.exercises.drills.recovery import remains
from ecomkafka.exercises.drills.scene import Scene
from ecomkafka.exercises.drills.tools import Tools
from ecomkafka.logs import log

CUSTOMERS = ("ann", "ben", "cara", "dan", "eva", "finn")
NOT_OPEN = "the drill is not open: open() it first"


def sequence(seed: int) -> Sequence[Case]:
    """All cases, in the sequence of this seed."""
    return Random(seed).sample(CASES, len(CASES))


class Drill(Tools, Operator):
    """Drill `number`, from 1, of the sequence that `seed` gives: who has another seed meets the cases in another one.

    `open` it, look, `answer`, cure, `check`; `close` it, or use it in a `with` block. One is open at a time in a
    kernel: another one's `open`, and the end of the kernel, close it.
    """

    _opened: ClassVar["Drill | None"] = None

    def __init__(self, seed: int, number: int = 1) -> None:
        cases = sequence(seed)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(cases):
            raise ValueError(f"number is {number!r:.80}: a drill from 1 to {len(cases)} is allowed")
        self.seed, self.number = seed, number
        self.looks = self.answers = self.hints_taken = 0
        self._case, self._customer = cases[number - 1], Random(seed + number).choice(CUSTOMERS)
        self._stack = ExitStack()
        self._state, self._knows = "new", False
        self._began = self._ended = 0.0

    def open(self) -> Note:
        """Open the shop, and let it fall ill; returns what is heard of it. Everything is undone if that fails."""
        if self._state != "new":
            raise RuntimeError(f"drill {self.number} of seed {self.seed} is {self._state}: make another Drill")
        if Drill._opened is not None:
            Drill._opened.close()
        Drill._opened, case = self, self._case
        with ExitStack() as opening:
            opening.callback(self._closed)
            self._scene = opening.enter_context(Scene(case.brokers, case.prepare, case.options, self._customer))
            self._scene.orders()
            self._scene.shop.settle()
            case.strike(self._scene)
            self._stack = opening.pop_all()
        self._state, self._began = "open", time.monotonic()
        return Note(f"Drill {self.number}", case.story)

    def answer(self, cause: int, cure: int) -> Verdict:
        """Whether this is the cause, and this its cure: numbers of the lists CAUSES and CURES."""
        self._check_open()
        chosen, treatment = CAUSES[cause], CURES[cure]
        self.answers += 1
        if chosen.name != self._case.cause:
            return self._told(Verdict(Outcome.WRONG, f"not this: {chosen.text}", hint=self._against(chosen)))
        if treatment.name not in self._case.cures:
            sentence = f"that is the cause, and this does not cure it: {treatment.text}"
            return self._told(Verdict(Outcome.WRONG, sentence, hint=self._against(treatment)))
        self._knows = True
        return Verdict(Outcome.CORRECT, "that is the cause, and that cures it: do it, then check().")

    def check(self) -> Verdict:
        """Whether the shop is well: places orders of its own, waits for them, and checks the invariants."""
        self._check_open()
        if ill := list(remains(self._scene)):
            return self._told(Verdict(Outcome.WRONG, "the shop is still ill.", observed="; ".join(ill)))
        if not self._knows:
            return Verdict(Outcome.NOT_ATTEMPTED, "the shop is well. Now answer(): what was it?")
        self._ended = self._ended or time.monotonic()
        sentence = f"orders flow, and every invariant holds. {self._case.praise}"
        return self._told(Verdict(Outcome.CORRECT, sentence, observed=self.result()))

    def hint(self) -> Note:
        """A nudge, then the idea, then nearly the answer."""
        self.hints_taken = min(self.hints_taken + 1, len(self._case.hints))
        return Note(f"Hint {self.hints_taken} of {len(self._case.hints)}", self._case.hints[self.hints_taken - 1])

    def result(self) -> str:
        """One line, for a race."""
        seconds = round((self._ended or time.monotonic()) - self._began) if self._began else 0
        state = "well after" if self._ended else "ill for"
        counts = f"looks {self.looks}, answers {self.answers}, hints {self.hints_taken}"
        return f"drill {self.number} of seed {self.seed}: {state} {timedelta(seconds=seconds)}, {counts}"

    def close(self) -> None:
        """Undo what was done to the shop, and close it. A second call does nothing."""
        self._state = "closed"
        self._stack.close()

    def _closed(self) -> None:
        self._state = "closed"
        if Drill._opened is self:
            Drill._opened = None

    def _against(self, choice: Choice) -> str:
        own = self._case.against
        return own.get(choice.name) or own.get("") or choice.against

    def _told(self, verdict: Verdict) -> Verdict:
        for listener in tuple(listeners.listeners):
            try:
                listener("drills", f"d{self.number}", str(verdict.outcome), self.hints_taken)
            except Exception as error:  # noqa: BLE001 - a student's verdict does not hang on the classroom
                log.warning("⚠️ a listener failed", drill=self.number, error=f"{type(error).__name__}: {error}")
        return verdict

    def _check_open(self) -> None:
        if self._state != "open":
            raise RuntimeError(NOT_OPEN)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Drill {self.number} of seed {self.seed}: {self._state}>"

    def __getattr__(self, name: str) -> Any:
        if name == "_scene":
            raise RuntimeError(NOT_OPEN)
        raise AttributeError(f"{type(self).__name__} has no {name!r}")


@atexit.register
def close_current() -> None:
    """A kernel that ends leaves no ill shop behind."""
    if Drill._opened is not None:
        Drill._opened.close()
