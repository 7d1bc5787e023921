"""The arrows of a swim-lane: one for each record, from the lane that wrote it to the lanes that read it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from ecomkafka.views.swimlanes.labels import LOOP
from ecomkafka.views.view import BLUE, ORANGE, PURPLE, VERMILLION


class Stroke(NamedTuple):
    colour: str
    dash: Any


STROKES = {
    "forward": Stroke(BLUE, "-"),
    "compensation": Stroke(VERMILLION, (0, (6, 2))),
    "retry": Stroke(ORANGE, (0, (3, 1, 1, 1))),
    "dead letter": Stroke(PURPLE, (0, (1, 1))),
    "struck": Stroke(VERMILLION, (0, (1, 1))),
}
"""By the kind of a record."""


def draw_arrow(axes: Axes, row: pd.Series, start: float, ends: Sequence[float], y: float) -> None:
    """The arrow of the record in `row`, at height `y`, from the lane at `start` to those at `ends`."""
    stroke = STROKES[str(row["kind"])]
    if ends and list(ends) != [start]:
        _line(axes, [min(start, *ends), max(start, *ends)], y, stroke)
        for end in ends:
            _head(axes, end, y, stroke, pointing_right=end > start)
    else:
        _loop(axes, row, start, y, stroke)
    axes.plot(start, y, marker="o", color=stroke.colour, markersize=4, zorder=3)


def _line(axes: Axes, x: list[float], y: float, stroke: Stroke) -> None:
    axes.plot(x, [y, y], color=stroke.colour, linestyle=stroke.dash, linewidth=1.4, zorder=2)


def _head(axes: Axes, x: float, y: float, stroke: Stroke, *, pointing_right: bool) -> None:
    tip = -0.04 if pointing_right else 0.04
    marker = ">" if pointing_right else "<"
    axes.plot(x + tip, y, marker=marker, color=stroke.colour, markersize=6, zorder=3)


def _loop(axes: Axes, row: pd.Series, x: float, y: float, stroke: Stroke) -> None:
    """To itself (a retry), or to a topic that no service shown here reads (a dead letter)."""
    _line(axes, [x, x + LOOP], y, stroke)
    if row["to"]:
        axes.plot([x + LOOP] * 2, [y, y + 0.28], color=stroke.colour, linestyle=stroke.dash, linewidth=1.4)
        _line(axes, [x, x + LOOP], y + 0.28, stroke)
        _head(axes, x, y + 0.28, stroke, pointing_right=False)
    elif row["kind"] in ("dead letter", "struck"):
        axes.plot(x + LOOP, y, marker="X", color=stroke.colour, markersize=7, zorder=3)
    else:
        _head(axes, x + LOOP, y, stroke, pointing_right=True)
