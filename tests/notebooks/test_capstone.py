"""The capstone: wrong programs fail with the hint meant for them, whatever stops is ended, starters are not attempted.

That the masters pass is to be seen in their notebook, which `make test` runs.
"""

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import psutil
import pytest

from ecomkafka.exercises import capstone
from ecomkafka.exercises.capstone import hints, limits
from ecomkafka.exercises.capstone.findings import Kind
from ecomkafka.exercises.capstone.program_question import ProgramQuestion, ProgramVerdict
from ecomkafka.exercises.checking.verdict import Outcome
from tests.notebooks.wrong_programs import MASTERS, WRONG, WrongProgram

if TYPE_CHECKING:
    from ecomkafka.broker import Broker

ROOT = Path(__file__).parents[2]
STEPS = (1, 2, 3, 4, 5)


@pytest.fixture(autouse=True)
def kafka(broker: "Broker", monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Checks run on the tests' broker, and leave no process behind."""
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    yield
    mine = [process.cmdline() for process in psutil.Process().children(recursive=True)]
    assert [line for line in mine if any("inventory.py" in argument for argument in line)] == []


def question(step: int) -> ProgramQuestion:
    found: ProgramQuestion = getattr(capstone, f"q{step}")
    return found


def programs(folder: str) -> dict[str, str]:
    """What the notebook's cells write, by the file's name."""
    cells = nbformat.read(ROOT / "notebooks" / folder / "capstone.ipynb", as_version=4).cells
    written = [cell.source.partition("\n") for cell in cells if cell.source.startswith("%%writefile")]
    return {first.split()[1]: text for first, _, text in written}


@pytest.mark.parametrize("program", WRONG, ids=lambda program: f"{program.step} {program.name}")
def test_a_wrong_program_fails_with_the_hint_that_is_meant_for_it(program: WrongProgram, tmp_path: Path) -> None:
    file = tmp_path / "inventory.py"
    file.write_text(program.source, encoding="utf-8")
    verdict = question(program.step).check(file)
    assert (verdict.outcome, verdict.hint) == (Outcome.WRONG, program.hint), verdict
    assert verdict.expected
    assert verdict.observed
    if program.hint not in (hints.SHARED_ID, hints.OPEN):  # these are about no order
        assert isinstance(verdict, ProgramVerdict)
        assert verdict.picture
        assert len(verdict.picture.table) >= 2, verdict.picture.alt


STOPS = {
    "import nothing_that_there_is": (
        limits.ENDED,
        "ModuleNotFoundError: No module named 'nothing_that_there_is' (line 1)",
    ),
    "print('done')": (limits.ENDED_WELL, "exit code 0: done"),
    "while True:\n    print('x' * 10_000)": (limits.NEVER_READ, "none within 3 s"),
    "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass": (
        limits.NEVER_READ,
        "none within 3 s",
    ),
}


@pytest.mark.parametrize("source", STOPS)
def test_a_program_that_stops_or_never_reads_is_ended_and_told_so(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SECONDS", 3.0)
    file = tmp_path / "inventory.py"
    file.write_text(source, encoding="utf-8")
    verdict = capstone.q1.check(file)
    hint, observed = STOPS[source]
    assert (verdict.outcome, verdict.hint) == (Outcome.WRONG, hint), verdict
    assert observed in verdict.observed


def test_an_answer_that_is_no_message_is_shown(tmp_path: Path) -> None:
    source = (MASTERS / "inventory_1.py").read_text(encoding="utf-8")
    file = tmp_path / "inventory.py"
    file.write_text(source.replace("json.dumps(answer).encode()", "b'yes'"), encoding="utf-8")
    verdict = capstone.q1.check(file)
    assert verdict.hint == hints.STEP_1[Kind.GARBAGE]
    assert verdict.observed == "yes"


@pytest.mark.parametrize("step", STEPS)
def test_a_starter_and_a_file_that_is_not_there_are_not_attempted(step: int, tmp_path: Path) -> None:
    file = tmp_path / "inventory.py"
    assert question(step).check(str(file)).outcome is Outcome.NOT_ATTEMPTED
    file.write_text(programs("exercises")[f"inventory_{step}.py"], encoding="utf-8")
    verdict = question(step).check(str(file))
    assert verdict.outcome is Outcome.NOT_ATTEMPTED
    assert "take out line " in verdict.sentence


def test_what_is_no_program_is_said_to_be_none(tmp_path: Path) -> None:
    assert capstone.q1.check(...).outcome is Outcome.NOT_ATTEMPTED
    assert capstone.q1.check(7).observed == "7"
    file = tmp_path / "inventory.py"
    file.write_text("def main(:", encoding="utf-8")
    assert "SyntaxError" in capstone.q1.check(os.fspath(file)).observed


@pytest.mark.parametrize("step", STEPS)
def test_a_master_is_short_imports_nothing_of_ours_and_is_what_the_notebook_and_the_solution_show(step: int) -> None:
    source = (MASTERS / f"inventory_{step}.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 80
    nodes = list(ast.walk(ast.parse(source)))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert imported | {node.module for node in nodes if isinstance(node, ast.ImportFrom)} == {"json", "sys", "kafka"}
    shown = programs("solutions")[f"inventory_{step}.py"].splitlines()
    assert [line for line in shown if "### " not in line] == source.splitlines()
    assert question(step).solution_source() == source.strip()


def test_every_step_has_three_hints_and_two_wrong_programs() -> None:
    for step in STEPS:
        assert len({question(step).hint().title for _ in range(4)}) == 3
        assert len([program for program in WRONG if program.step == step]) >= 2
