"""The class board: who has solved what, live, and where many fail."""

import html
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Self

from ipywidgets import HTML, Dropdown, VBox  # type: ignore[import-untyped]

from ecomkafka.classroom.results_reader import Results
from ecomkafka.classroom.scoreboard import Scoreboard, Standing, scoreboard
from ecomkafka.clients import Cluster
from ecomkafka.logs import log
from ecomkafka.views.class_view import class_plot
from ecomkafka.widgets.data.ticker import Ticker
from ecomkafka.widgets.drawing.markup import picture, snapshot

ALL = "all"

LEGEND = "✓ solved, ✗ not yet, – not tried; 2×: attempts, 1h: hints taken"

_CELL = "padding:0 .6em;text-align:left;white-space:nowrap"


class ClassBoard:
    """Shown as the last line of a cell; `close` it at the end, or use it in a `with` block.

    `students`: who is there and may have done nothing yet. Raises LookupError if the cluster has no list of results.
    """

    def __init__(self, cluster: Cluster, students: Sequence[str] = ()) -> None:
        self.scores = scoreboard([])
        self.lesson = Dropdown(options=[ALL], description="Lesson", tooltip="Show the questions of this lesson")
        self.standings, self.picture, self.words, self.status = HTML(), HTML(), HTML(), HTML()
        self.widget = VBox(
            [HTML("<h3>The class</h3>"), self.lesson, self.standings, self.picture, self.words, self.status]
        )
        self._known = tuple(students)
        self._drawn = ""
        self._results = Results(cluster)
        self._ticker = Ticker()
        self._tick()
        self.lesson.observe(lambda change: self._ticker.kick(), names="value")
        self._ticker.add(self._tick)

    @property
    def students(self) -> list[str]:
        return self.scores.students(self._known)

    @property
    def questions(self) -> list[str]:
        """Those that are shown."""
        return self.scores.questions("" if self.lesson.value == ALL else self.lesson.value)

    def close(self) -> None:
        """Stays on the page as it is. Raises TimeoutError if a look for news does not end in 10 s."""
        with ExitStack() as closing:
            closing.callback(self._show_status, "The board is closed.")
            closing.callback(self._results.close)
            self.lesson.disabled = True
            self._ticker.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _tick(self) -> None:
        """In the ticker's thread, which alone uses the consumer."""
        try:
            self._refresh()
        except Exception as error:  # noqa: BLE001 - the ticker's next look may find the broker again
            log.warning("⚠️ the class board is not up to date", error=f"{type(error).__name__}: {error}")
            self._show_status(f"⚠️ Not up to date: {error}")

    def _refresh(self) -> None:
        self.scores = self.scores.after(self._results.new())
        lessons = (ALL, *dict.fromkeys(question.partition(".")[0] for question in self.scores.questions()))
        if self.lesson.options != lessons:
            chosen = self.lesson.value
            self.lesson.options = lessons
            self.lesson.value = chosen
        told = _table(self.scores, self.students, self.questions)
        if told != self._drawn:
            view = class_plot(self.scores, self.students, self.questions)
            self.picture.value = picture(view) if self.questions else ""
            self.standings.value, self.words.value = told, f"<em>{html.escape(view.alt)}</em>"
            self._drawn = told
        solved = sum(standing.solved for standing in self.scores.standings.values())
        self._show_status(f"{len(self.students)} students, {solved} answers are right.")

    def _show_status(self, sentence: str) -> None:
        """Where screen readers hear it, once."""
        value = f'<div role="status" aria-live="polite">{html.escape(sentence)}</div>'
        if self.status.value != value:
            self.status.value = value

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The living widget, and for where no kernel runs what it shows at this moment."""
        bundle = self.widget._repr_mimebundle_(**options) or {}
        static = "".join(map(snapshot, (self.standings, self.picture, self.words)))
        return {**bundle, "text/plain": "<The class>", "text/html": static}


def _table(scores: Scoreboard, students: Sequence[str], questions: Sequence[str]) -> str:
    head = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in ("student", *questions))
    rows = "".join(
        f'<tr><th scope="row" style="{_CELL}">{html.escape(student)}</th>'
        f"{''.join(_cell(scores.of(student, question)) for question in questions)}</tr>"
        for student in students
    )
    caption = f'<caption style="text-align:left">{LEGEND}</caption>'
    table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div style="overflow-x:auto">{table}</div>'


def _cell(standing: Standing) -> str:
    """A sign beside the colour: not everybody can tell green from red."""
    colour = "#D5F2E3" if standing.solved else "#FBD5D5" if standing.attempts else "transparent"
    text = "#000" if standing.attempts else "inherit"
    return f'<td style="{_CELL};background:{colour};color:{text}">{standing}</td>'
