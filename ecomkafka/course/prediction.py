"""A prediction: the student chooses an answer before the cell that shows the right one runs."""

import html
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ipywidgets import HTML, RadioButtons, Text, VBox  # type: ignore[import-untyped]

SKIPPED = "ECOMKAFKA_PREDICTIONS"
"""With the value "skip" nobody is asked: for runs of a notebook in which nobody sits before it."""


class NotPredictedError(Exception):
    """Nothing was chosen yet."""

    def _render_traceback_(self) -> list[str]:
        """In a notebook the sentence alone is shown: IPython asks for this."""
        return [str(self)]


@dataclass(frozen=True)
class Comparison:
    """What was predicted beside what happened; `predicted` is None where nobody was asked."""

    predicted: object
    happened: object

    @property
    def verdict(self) -> str:
        if self.predicted is None:
            return "nobody was asked"
        return "✓ as predicted" if self.predicted == self.happened else "✗ not as predicted: read why below"

    def __repr__(self) -> str:
        predicted = "–" if self.predicted is None else self.predicted
        return f"predicted: {predicted}\nhappened:  {self.happened}\n{self.verdict}"

    def _repr_html_(self) -> str:
        predicted = "–" if self.predicted is None else html.escape(str(self.predicted))
        rows = (("predicted", predicted), ("happened", f"<b>{html.escape(str(self.happened))}</b>"))
        cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
        return f'<table>{cells}</table><p role="status">{self.verdict}</p>'


class Prediction:
    """A question with its choices, of which none is chosen at the start. Shown as the last line of a cell."""

    def __init__(self, question: str, choices: Sequence[object]) -> None:
        """Raises ValueError for fewer than two choices, or if two of them look the same."""
        labels = [str(choice) for choice in choices]
        if len(set(labels)) < max(2, len(labels)):
            raise ValueError(f"prediction {question!r}: {labels} given, two or more different choices are needed")
        self.question, self.choices = question, list(choices)
        self._buttons = RadioButtons(options=list(zip(labels, choices, strict=True)), value=None)
        self._buttons.layout.width = "auto"
        self._why = Text(placeholder="why?", layout={"width": "36em"})
        self._widget = VBox([HTML(f"<b>{html.escape(question)}</b>"), self._buttons, self._why])

    @property
    def chosen(self) -> object:
        """The choice that the student has made, or None."""
        return self._buttons.value

    @chosen.setter
    def chosen(self, choice: object) -> None:
        self._buttons.value = choice

    def compare(self, happened: object) -> Comparison:
        """What was chosen beside what `happened`.

        Raises NotPredictedError if nothing is chosen yet, ValueError if what happened was not among the choices.
        """
        if happened not in self.choices:
            raise ValueError(f"prediction {self.question!r}: {happened!r} happened, the choices are {self.choices}")
        if self.chosen is None and os.environ.get(SKIPPED) != "skip":
            raise NotPredictedError("🙂 First your prediction: choose an answer above, then run this cell again.")
        return Comparison(self.chosen, happened)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The widget, and for where no kernel runs the question with its choices."""
        choices = "".join(f"<li>{html.escape(str(choice))}</li>" for choice in self.choices)
        return {
            **(self._widget._repr_mimebundle_(**options) or {}),
            "text/plain": f"{self.question} {' | '.join(map(str, self.choices))}",
            "text/html": f"<b>{html.escape(self.question)}</b><ul>{choices}</ul>",
        }
