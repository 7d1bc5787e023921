"""The figure of a class: how many have solved each question, are stuck, or have not tried."""

from collections.abc import Sequence

from matplotlib.ticker import MaxNLocator

from ecomkafka.classroom.scoreboard import Scoreboard, summaries_table
from ecomkafka.views.view import GREEN, HATCHES, VERMILLION, View, new_figure, tidy

_LIGHT = "#E4E4E4"


def class_plot(board: Scoreboard, students: Sequence[str], questions: Sequence[str]) -> View:
    """A bar a question, as long as the class. `table`: what `Scoreboard.summaries` tells of each."""
    table = summaries_table(board.summaries(students, questions))
    parts = {"solved": table["solved"], "stuck": table["stuck"]}
    parts["not tried"] = table["students"] - table["solved"] - table["stuck"]
    figure = new_figure(1.4 + 0.3 * len(questions))
    axes = figure.subplots()
    left = table["students"] * 0
    for (name, length), colour, hatch in zip(parts.items(), (GREEN, VERMILLION, _LIGHT), HATCHES, strict=False):
        bars = axes.barh(
            list(questions), length, left=left, height=0.7, color=colour, hatch=hatch, edgecolor="white", label=name
        )
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
        axes.bar_label(bars, [str(n) if n else "" for n in length], label_type="center", fontsize=8, bbox=box)
        left = left + length
    tidy(axes, title="Where many fail", x="students", y="question")
    axes.grid(axis="y", visible=False)
    axes.margins(y=0.02)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return View(figure, table, _words(board, students, questions))


def _words(board: Scoreboard, students: Sequence[str], questions: Sequence[str]) -> str:
    hardest = board.hardest(students, questions)
    if not hardest:
        return f"{len(students)} students, {len(questions)} questions; nobody is stuck."
    stuck = ", ".join(f"{summary.stuck} at {summary.question}" for summary in hardest[:3])
    return f"{len(students)} students, {len(questions)} questions; stuck are {stuck}."
