"""A question whose answer is a program in a file: `check("inventory_1.py")`, `hint()`, `solution()`."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from IPython.display import display

from ecomkafka.exercises.capstone import masters
from ecomkafka.exercises.capstone.speed import measured, own_service
from ecomkafka.exercises.capstone.story import KAFKA, scenes_of
from ecomkafka.exercises.capstone.workbench import ANSWERS, STOCK, WentWrong, Workbench
from ecomkafka.exercises.checking.bounded import NotAttempted
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Outcome, Verdict, Wrong
from ecomkafka.views.swimlanes.program_story import program_story
from ecomkafka.views.targets import targets
from ecomkafka.views.view import View


@dataclass(frozen=True, repr=False)
class ProgramVerdict(Verdict):
    """A verdict with its picture: what went wrong, or how quick the program is."""

    picture: View | None = None

    def _ipython_display_(self) -> None:
        display({"text/plain": repr(self), "text/html": self._repr_html_()}, raw=True)  # type: ignore[no-untyped-call]
        if self.picture:
            self.picture._ipython_display_()


class ProgramQuestion(Question):
    """`name` is "capstone.q1"; `examine` does to the program what this step does, and raises Wrong."""

    def __init__(self, name: str, examine: Callable[[Workbench], None], praise: str) -> None:
        super().__init__(name, lambda answer, stage: None, examine, praise)
        self._does = examine
        self._seed = 1

    def check(self, answer: Any, seed: int = 1) -> Verdict:
        """Run the program in the file `answer` on the real broker, as often as one likes; a `seed` draws the requests.

        Raises ConnectionError, BrokerError, TimeoutError or KafkaError if Kafka does not answer: that is no attempt.
        """
        self._seed = seed
        return super().check(answer)

    def solution_source(self) -> str:
        return (files(masters) / f"inventory_{self.name[1:]}.py").read_text(encoding="utf-8").strip()

    def _verdict(self, answer: Any) -> Verdict:
        try:
            program = _written(answer)
            with Stage() as stage, Workbench(stage, program, self._seed) as bench:
                return self._ran(bench)
        except NotAttempted as unchanged:
            line = f", take out line {unchanged.line}, `raise NotImplementedError()`" if unchanged.line else ""
            sentence = f"put your program where it says YOUR CODE HERE{line}, run the cell, and check again."
            return Verdict(Outcome.NOT_ATTEMPTED, sentence)
        except Wrong as wrong:
            return Verdict(Outcome.WRONG, "not yet.", wrong.expected, wrong.observed, wrong.where, wrong.hint)

    def _ran(self, bench: Workbench) -> Verdict:
        try:
            self._does(bench)
        except WentWrong as wrong:
            told = wrong.expected, wrong.observed, wrong.where, wrong.hint
            return ProgramVerdict(Outcome.WRONG, "not yet.", *told, picture=_story(bench, wrong.order_id))
        for process in bench.processes.values():
            process.wire.watching = False
        yours = measured(bench.cluster, bench.requests)
        return ProgramVerdict(
            Outcome.CORRECT, self._praise, picture=targets(yours, own_service(bench.cluster.bootstrap))
        )


def _written(answer: Any) -> Path:
    """The file with the program. Raises NotAttempted for the starter, Wrong for what is no program."""
    if answer is ...:
        raise NotAttempted
    if not isinstance(answer, str | Path):
        raise Wrong(
            'Give the name of the file that your cell writes: check("inventory_1.py").',
            "a file's name",
            repr(answer)[:80],
        )
    program = Path(answer)
    if not program.is_file():
        raise NotAttempted
    try:
        tree = ast.parse(program.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        raise Wrong("Python can't read the program.", "a program", f"{type(error).__name__}: {error}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            raise NotAttempted(node.lineno)
    return program


def _story(bench: Workbench, order_id: str) -> View | None:
    request = bench.model.requests.get(order_id)
    products = {item.product_id for item in request.items} if request else set()
    scenes = scenes_of(bench.log, order_id, products, bench.name(ANSWERS), bench.name(STOCK)) if order_id else []
    lanes = ["client", *bench.processes, KAFKA]
    return program_story(scenes, lanes, f"What became of {order_id}") if scenes else None
