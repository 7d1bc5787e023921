"""The questions that end a lesson: each answer is explained as soon as it is chosen. They are data, in `quizzes`."""

import html
import random
import tomllib
from functools import partial
from importlib import resources
from typing import Any

import msgspec
from ipywidgets import HTML, RadioButtons, VBox  # type: ignore[import-untyped]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked, the right answer, the wrong ones, and one or two sentences that explain the right one."""

    ask: str
    right: str
    wrong: list[str]
    because: str

    @property
    def answers(self) -> list[str]:
        """All answers, in a sequence that looks random and is the same on every run."""
        answers = [self.right, *self.wrong]
        random.Random(self.ask).shuffle(answers)
        return answers

    def verdict(self, answer: str) -> str:
        """What the student is shown for this answer."""
        return f"{'✓ Right.' if answer == self.right else '✗ Not this.'} {self.because}"


class _Quiz(msgspec.Struct, forbid_unknown_fields=True):
    question: list[Question]


class Quiz:
    """A lesson's questions, shown as the last line of a cell."""

    def __init__(self, questions: list[Question]) -> None:
        self.questions = questions
        self.score = HTML()
        self.buttons = [RadioButtons(options=question.answers, value=None) for question in questions]
        self.verdicts = [HTML() for _ in questions]
        rows: list[Any] = []
        for number, question in enumerate(questions):
            self.buttons[number].layout.width = "auto"
            self.buttons[number].observe(partial(self._chosen, number), names="value")
            rows += [HTML(f"<b>{number + 1}. {html.escape(question.ask)}</b>"), self.buttons[number]]
            rows.append(self.verdicts[number])
        self._widget = VBox([*rows, self.score])

    def _chosen(self, number: int, _change: Any) -> None:
        verdict = self.questions[number].verdict(self.buttons[number].value)
        self.verdicts[number].value = f'<div role="status">{html.escape(verdict)}</div>'
        chosen = [(button.value, question) for button, question in zip(self.buttons, self.questions, strict=True)]
        right = sum(answer == question.right for answer, question in chosen)
        done = sum(answer is not None for answer, _ in chosen)
        self.score.value = f"<b>{right} of {done} right, {len(chosen) - done} to go</b>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The widget, and for where no kernel runs the questions, each with its answer one click away."""
        items = "".join(
            f"<li>{html.escape(q.ask)}<ul>{''.join(f'<li>{html.escape(answer)}</li>' for answer in q.answers)}</ul>"
            f"<details><summary>Answer</summary><b>{html.escape(q.right)}</b> {html.escape(q.because)}</details></li>"
            for q in self.questions
        )
        return {
            **(self._widget._repr_mimebundle_(**options) or {}),
            "text/plain": "\n".join(f"{n}. {q.ask}" for n, q in enumerate(self.questions, 1)),
            "text/html": f"<ol>{items}</ol>",
        }


def quiz(lesson: str) -> Quiz:
    """The quiz of a lesson, named as its notebook: "06_saga". Raises ValueError if there is none."""
    return Quiz(questions(lesson))


def questions(lesson: str) -> list[Question]:
    """A lesson's questions. Raises ValueError if there are none, or if their file is not as it should be."""
    folder = resources.files(__package__) / "quizzes"
    file = folder / f"{lesson}.toml"
    if not file.is_file():
        known = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
        raise ValueError(f"no quiz for lesson {lesson!r}: there is one for {', '.join(known)}")
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _Quiz).question
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"quiz of lesson {lesson!r}: {error}") from error
