"""The verdict of a check, shown in a notebook or in a terminal."""

import html
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    NOT_ATTEMPTED = "not attempted"


_MARKS = {Outcome.CORRECT: "✅", Outcome.WRONG: "❌", Outcome.NOT_ATTEMPTED: "✏️"}


class Wrong(Exception):
    """Raised by a check: the answer is not right, and this is the hint meant for it."""

    def __init__(self, hint: str, expected: object = "", observed: object = "", where: object = "") -> None:
        super().__init__(hint)
        self.hint = hint
        self.expected, self.observed, self.where = str(expected), str(observed), str(where)


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check; `where` is the record it is about, as topic:partition:offset."""

    outcome: Outcome
    sentence: str
    expected: str = ""
    observed: str = ""
    where: str = ""
    hint: str = ""

    def lines(self) -> list[tuple[str, str]]:
        parts = {"expected": self.expected, "observed": self.observed, "at": self.where, "hint": self.hint}
        return [(name, text) for name, text in parts.items() if text]

    def __repr__(self) -> str:
        first = f"{_MARKS[self.outcome]} {self.outcome}: {self.sentence}"
        return "\n".join([first, *(f"   {name}: {text}" for name, text in self.lines())])

    def _repr_html_(self) -> str:
        items = "".join(f"<li><b>{name}</b>: {html.escape(text)}</li>" for name, text in self.lines())
        head = f"{_MARKS[self.outcome]} <b>{self.outcome}</b>: {html.escape(self.sentence)}"
        return f'<div role="status">{head}<ul>{items}</ul></div>'


@dataclass(frozen=True)
class Note:
    """A hint or a solution."""

    title: str
    text: str
    code: bool = False

    def __repr__(self) -> str:
        return f"{self.title}\n{self.text}"

    def _repr_html_(self) -> str:
        tag = "pre" if self.code else "p"
        return f"<div><b>{html.escape(self.title)}</b><{tag}>{html.escape(self.text)}</{tag}></div>"
