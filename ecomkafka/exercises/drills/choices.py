"""The lists from which a student chooses: thirty causes, and what an operator can do. They are data, in `choices.toml`.

Each says what speaks against it wherever it is not the right one: a wrong answer is told that, and not the answer.
"""

import html
import tomllib
from collections.abc import Sequence
from importlib import resources

import msgspec


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    """By which a case names it; students see its number."""
    text: str
    against: str
    """The evidence against it, true in every case that it does not fit."""


class Choices:
    """Choices with their numbers, from 1."""

    def __init__(self, what: str, choices: Sequence[Choice]) -> None:
        self._what, self._choices = what, tuple(choices)

    def __len__(self) -> int:
        return len(self._choices)

    def __getitem__(self, number: int) -> Choice:
        """Raises ValueError for a number that is not in the list."""
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(self):
            raise ValueError(f"{self._what} is {number!r:.80}: a number from 1 to {len(self)} of the list is allowed")
        return self._choices[number - 1]

    def number(self, name: str) -> int:
        """Raises ValueError if nothing has this name."""
        return [choice.name for choice in self._choices].index(name) + 1

    def __repr__(self) -> str:
        return "\n".join(f"{number:>2}  {choice.text}" for number, choice in enumerate(self._choices, 1))

    def _repr_html_(self) -> str:
        return f"<ol>{''.join(f'<li>{html.escape(choice.text)}</li>' for choice in self._choices)}</ol>"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    cause: list[Choice]
    cure: list[Choice]


_file = msgspec.convert(
    tomllib.loads((resources.files(__package__) / "choices.toml").read_text(encoding="utf-8")), _File
)
CAUSES = Choices("cause", _file.cause)
CURES = Choices("cure", _file.cure)
