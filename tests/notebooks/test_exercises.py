"""Exercises: the starter is not attempted, the solution passes, wrong answers get the hint meant for them."""

import importlib
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from ecomkafka.clients import Cluster
from ecomkafka.exercises.checking import listeners
from ecomkafka.exercises.checking.bounded import MAX_ITEMS, Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.texts import texts_of
from ecomkafka.exercises.checking.verdict import Outcome, Verdict
from ecomkafka.exercises.lesson_02 import questions as lesson_02
from ecomkafka.logs import to_memory
from tests.notebooks.right_answers import RIGHT

if TYPE_CHECKING:
    from ecomkafka.broker import Broker

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # nbgrader's and its libraries' own
    from tools import make_exercises

ROOT = Path(__file__).parents[2]
MASTERS = sorted(make_exercises.MASTERS.glob("*.ipynb"))
COPIES = sorted(make_exercises.COPIES.glob("*.ipynb"))
NUMBERED = [path for path in MASTERS if path.name[0].isdigit()]
EXERCISES = ROOT / "ecomkafka/exercises"

STRANGE: tuple[Any, ...] = (None, 0, [], "x", {1})
TOLD_BY_DEEDS = {
    *("01.q2", "02.q4", "04.q3", "07.q1", "08.q4", "09.q1", "09.q3", "09.q4", "10.q1", "10.q2", "10.q3", "10.q5"),
    *("11.q3", "11.q4", "12.q4", "13.q4", "18.q3", "18.q4"),
}
"""Questions whose answers return nothing: their checks look at what they have done."""

every_master = pytest.mark.parametrize("path", MASTERS, ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def kafka(broker: "Broker", monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks run on the tests' broker."""
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)


def questions() -> Iterator[Question]:
    for path in sorted(EXERCISES.glob("lesson_*")):
        module = importlib.import_module(f"ecomkafka.exercises.{path.stem}")
        yield from (value for value in vars(module).values() if isinstance(value, Question))


def wrong_answers() -> Iterator[tuple[str, list[tuple[Callable[..., Any], str]]]]:
    """Of each question the wrong answers, with the hint that is meant for each."""
    for path in sorted(Path(__file__).parent.glob("wrong_answers*.py")):
        yield from importlib.import_module(f"tests.notebooks.{path.stem}").WRONG.items()


WRONG = dict(sorted(wrong_answers()))
QUESTIONS = dict(sorted((f"{question.lesson}.{question.name}", question) for question in questions()))


def answers(path: Path) -> dict[str, Callable[..., Any]]:
    """The functions of a notebook's answer cells, by the question's name, as its kernel would define them."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    scope: dict[str, Any] = {}
    found = {}
    for cell in cells:
        if cell.source.startswith("ex.") and ".check(" in cell.source:
            name, _, call = cell.source.removeprefix("ex.").partition(".")
            found[f"{path.name[:2]}.{name}"] = scope[call.removeprefix("check(").removesuffix(")")]
        elif not cell.source.startswith("ex."):
            exec(compile(cell.source, path.name, "exec"), scope)
    return found


STARTERS = {name: answer for path in COPIES if path.name[0].isdigit() for name, answer in answers(path).items()}
SOLUTIONS = {name: answer for path in MASTERS if path.name[0].isdigit() for name, answer in answers(path).items()}


def test_every_question_has_a_starter_a_solution_and_two_wrong_answers() -> None:
    assert list(QUESTIONS) == list(STARTERS) == list(SOLUTIONS) == list(WRONG)
    assert {name: len(wrong) for name, wrong in WRONG.items() if len(wrong) < 2} == {}


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_is_not_attempted(name: str) -> None:
    assert QUESTIONS[name].check(STARTERS[name]).outcome is Outcome.NOT_ATTEMPTED


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_solution_passes(name: str) -> None:
    verdict = QUESTIONS[name].check(SOLUTIONS[name])
    assert verdict.outcome is Outcome.CORRECT, verdict


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        pytest.param(name, answer, hint, id=f"{name}-{number}")
        for name, wrong in WRONG.items()
        for number, (answer, hint) in enumerate(wrong)
    ],
)
def test_a_wrong_answer_gets_the_hint_that_is_meant_for_it(name: str, answer: Callable[..., Any], hint: str) -> None:
    verdict = QUESTIONS[name].check(answer)
    assert (verdict.outcome, verdict.hint) == (Outcome.WRONG, hint), verdict
    assert verdict.expected
    assert verdict.observed


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param(name, answer, id=f"{name}-{number}")
        for name, right in RIGHT.items()
        for number, answer in enumerate(right)
    ],
)
def test_a_right_answer_passes_whatever_it_looks_like(name: str, answer: Callable[..., Any]) -> None:
    verdict = QUESTIONS[name].check(answer)
    assert verdict.outcome is Outcome.CORRECT, verdict


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_of_a_strange_shape_gets_a_verdict(name: str) -> None:
    for odd in STRANGE[:1] if name in TOLD_BY_DEEDS else STRANGE:
        verdict = QUESTIONS[name].check(lambda *_, odd=odd: odd)
        assert verdict.outcome is Outcome.WRONG, (odd, verdict)
        assert verdict.hint
        assert verdict.observed


def test_a_shape_that_a_check_can_not_handle_is_said_and_logged() -> None:
    def examine(answer: Bounded, stage: Any) -> None:
        sorted(answer())

    question = Question("02.q1", examine, lesson_02.key, "well.")
    with to_memory() as memory:
        verdict = question.check(lambda: 7)
    assert verdict.observed == "7 (TypeError: 'int' object is not iterable)"
    assert [line for line in memory.lines if "can't handle an answer" in line and "02.q1" in line]


def test_a_check_s_own_mistake_is_not_the_student_s() -> None:
    def examine(answer: Bounded, stage: Any) -> None:
        sorted(7)  # type: ignore[call-overload]

    with pytest.raises(TypeError):
        Question("02.q1", examine, lesson_02.key, "well.").check(lambda: 7)


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_solution_that_is_shown_is_the_masters(name: str) -> None:
    shown = QUESTIONS[name].solution_source().splitlines()[1:]
    (master,) = [path for path in MASTERS if path.name.startswith(name[:2])]
    text = "\n".join(cell.source for cell in nbformat.read(master, as_version=4).cells)
    assert [line for line in shown if line not in text] == []


def spin(*_: Any) -> None:
    while True:
        pass


def stubborn(*_: Any) -> None:
    caught = 0
    while caught < 3:
        try:
            spin()
        except BaseException:  # noqa: BLE001 - what a student may write
            caught += 1


def endless(*_: Any) -> Iterator[int]:
    while True:
        yield 1


@pytest.mark.parametrize("loop", [spin, stubborn])
def test_an_endless_loop_is_reported_within_its_limit_and_can_be_checked_again(loop: Callable[..., Any]) -> None:
    question = QUESTIONS["02.q1"]
    assert "did not come back within 2 s and was stopped" in question.check(loop).sentence
    assert question.check(SOLUTIONS["02.q1"]).outcome is Outcome.CORRECT


def test_an_endless_generator_is_cut_off() -> None:
    assert len(Bounded(endless)()) == MAX_ITEMS


def test_a_placeholder_that_is_reached_while_running_is_not_attempted() -> None:
    def half_done(event: Any) -> str:
        return str(STARTERS["02.q1"](event))

    assert QUESTIONS["02.q1"].check(half_done).outcome is Outcome.NOT_ATTEMPTED


def test_a_placeholder_that_was_left_is_named_with_its_line() -> None:
    """The answer below is right, but for the line that the starter had."""

    def apply(table: dict[str, str], event: Any) -> None:
        lesson_02.apply(table, event)
        raise NotImplementedError()

    sentence = QUESTIONS["02.q4"].check(apply).sentence
    assert f"take out line {apply.__code__.co_firstlineno + 2}, `raise NotImplementedError()`" in sentence


def test_an_exception_is_reported_with_its_line() -> None:
    def divide(event: Any) -> float:
        return 1 / 0

    verdict = QUESTIONS["02.q1"].check(divide)
    assert verdict.sentence.startswith("your code raised ZeroDivisionError: division by zero in line ")
    assert verdict.sentence.endswith("`return 1 / 0`")


def test_what_is_no_function_is_said_to_be_none() -> None:
    assert QUESTIONS["02.q1"].check(...).outcome is Outcome.NOT_ATTEMPTED
    assert QUESTIONS["02.q1"].check("order_id").observed == "check('order_id')"


def test_a_check_leaves_no_topic_behind(cluster: Cluster) -> None:
    QUESTIONS["02.q1"].check(lambda event: "the same for all")
    with cluster.consumer() as consumer:
        assert [topic for topic in consumer.topics() if topic.startswith("exercise-")] == []


def test_listeners_are_told_of_each_check_and_one_that_fails_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, str, str, int]] = []

    def broken(*_: Any) -> None:
        raise RuntimeError("the classroom is closed")

    monkeypatch.setattr(listeners, "listeners", [broken, lambda *told: heard.append(told)])
    first = QUESTIONS["02.q1"]
    question = Question("02.q1", lambda answer, stage: None, first.model_answer, "well.")
    question.check(...)
    assert [question.hint().text for _ in range(4)] == [*first.texts.hints, first.texts.hints[2]]
    assert question.check(first.model_answer).outcome is Outcome.CORRECT
    assert heard == [("02", "q1", "not attempted", 0), ("02", "q1", "correct", 3)]


@pytest.mark.parametrize("path", NUMBERED, ids=lambda path: path.stem)
def test_an_exercise_has_its_stars_its_examples_and_its_why(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    tasks = [cell.source for cell in cells if cell.cell_type == "markdown" and cell.source.startswith("## ")]
    stars = [re.search(r" (★+)$", task.splitlines()[0]) for task in tasks]
    assert [task.splitlines()[0] for task, found in zip(tasks, stars, strict=True) if not found] == []
    assert "★★★" in {found[1] for found in stars if found}
    assert [task.splitlines()[0] for task in tasks if "**Examples.** " not in task] == []
    calls = [cell.source.partition("(")[0] for cell in cells if cell.source.startswith("ex.")]
    assert calls == [f"ex.q{number}.{call}" for number in range(1, len(tasks) + 1) for call in ("check", "why")]


def test_a_solution_says_why_it_is_right_what_goes_wrong_and_another_way() -> None:
    question = QUESTIONS["07.q1"]
    shown = question.solution().text
    assert question.texts.because in shown
    assert question.texts.another in shown
    assert all(mistake in shown for mistake in question.texts.mistakes)
    assert question.why().questions == [question.texts.why]


def test_texts_that_are_not_there_are_named() -> None:
    with pytest.raises(ValueError, match=r"question q9 in lesson_07/texts.toml"):
        texts_of("lesson_07", "q9")


def test_a_verdict_can_be_read_as_text_and_as_html() -> None:
    verdict = Verdict(Outcome.WRONG, "not yet.", "a < b", "b", "orders.events:0:7", "look")
    assert repr(verdict).splitlines()[1:] == [
        "   expected: a < b",
        "   observed: b",
        "   at: orders.events:0:7",
        "   hint: look",
    ]
    assert "<li><b>expected</b>: a &lt; b</li>" in verdict._repr_html_()


@every_master
def test_the_students_copy_is_up_to_date_and_contains_no_solution(path: Path) -> None:
    copy = (make_exercises.COPIES / path.name).read_text(encoding="utf-8")
    assert copy == make_exercises.copy_of(path)
    assert "SOLUTION" not in copy
    assert not any(cell.get("outputs") for cell in nbformat.reads(copy, as_version=4).cells)


@every_master
def test_a_master_was_run_and_each_of_its_checks_says_correct(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and cell.source.startswith("ex.") and ".check(" in cell.source:
            assert cell.outputs[0].data["text/plain"].startswith("✅ correct"), cell.source


def test_there_is_a_copy_for_each_master_and_no_other() -> None:
    assert [path.name for path in COPIES] == [path.name for path in MASTERS]
