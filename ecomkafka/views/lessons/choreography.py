"""Two ways to run a saga, side by side: participants as boxes, what they say to each other as arrows."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from ecomkafka.lessons.choreography import RULES
from ecomkafka.views.view import BLACK, BLUE, ORANGE, SKY, View, new_figure

PLACES = {
    "client": (0.0, 1.0),
    "notification": (1.0, 1.0),
    "order": (0.5, 0.5),
    "inventory": (0.0, 0.0),
    "payment": (1.0, 0.0),
}
BEND = 0.2
"""How far an arrow is from the straight line: two services that answer each other have two arrows."""

HUB = "order"
AT_HUB = 0.28
"""The same for its arrows, which are shorter: their words need the room."""
CROSSING = ("inventory", "notification")
"""The arrow across the middle bends the other way: it leaves the box where no other arrow comes in."""


def ways_plot(table: pd.DataFrame) -> View:
    """One part per `way` of the table: its rows `from`, `to`, `says` as arrows, and its rules below their service."""
    ways = list(table["way"].unique())
    figure = new_figure(height=4.6)
    for axes, way in zip(figure.subplots(1, len(ways), squeeze=False)[0], ways, strict=True):
        _draw(axes, table[table["way"] == way], way)
    text = "; ".join(
        f"{way}: " + ", ".join(f"{row['from']} to {row['to']}" for _, row in rows.iterrows())
        for way, rows in table.groupby("way", sort=False)
    )
    return View(figure, table, f"Who talks to whom. {text}.")


def _draw(axes: Axes, arrows: pd.DataFrame, way: str) -> None:
    axes.set(xlim=(-0.3, 1.3), ylim=(-0.25, 1.1))
    boxes = {name: _box(axes, name) for name in sorted({*arrows["from"], *arrows["to"]})}
    for name in boxes:
        _rule(axes, name, RULES[way].get(name, ""))
    for _, row in arrows.iterrows():
        _arrow(axes, boxes, row["from"], row["to"], row["says"])
    axes.set_title(way)
    axes.axis("off")


def _box(axes: Axes, name: str) -> FancyBboxPatch:
    x, y = PLACES[name]
    width, height = 0.08 + 0.024 * len(name), 0.085
    colour = ORANGE if name == HUB else SKY
    box = FancyBboxPatch(
        (x - width / 2, y - height / 2), width, height, boxstyle="round,pad=0,rounding_size=0.02", facecolor=colour,
        edgecolor=BLACK, zorder=3,
    )  # fmt: skip
    axes.add_patch(box)
    axes.text(x, y, name, ha="center", va="center", fontweight="bold", zorder=4)
    return box


def _rule(axes: Axes, name: str, rule: str) -> None:
    """Below the service; beside the hub, since arrows begin below it."""
    x, y = PLACES[name]
    look: dict[str, Any] = {"fontsize": 8, "fontstyle": "italic"}
    if name == HUB:
        axes.text(x + 0.16, y, rule, ha="left", va="center", **look)
    else:
        axes.text(x, y - 0.09, rule, ha="center", va="top", **look)


def _arrow(axes: Axes, boxes: Mapping[str, FancyBboxPatch], sender: str, receiver: str, says: str) -> None:
    """From edge to edge of the two boxes."""
    (x0, y0), (x1, y1) = PLACES[sender], PLACES[receiver]
    bend = -BEND if (sender, receiver) == CROSSING else AT_HUB if HUB in (sender, receiver) else BEND
    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 13, "color": BLUE, "linewidth": 1.4, "zorder": 2}
    ends: dict[str, Any] = {"patchA": boxes[sender], "patchB": boxes[receiver], "shrinkA": 0, "shrinkB": 1}
    style = f"arc3,rad={bend}"
    axes.add_patch(FancyArrowPatch((x0, y0), (x1, y1), connectionstyle=style, **ends, **look))
    aside = ((x0 + x1) / 2 + bend * (y1 - y0) / 2, (y0 + y1) / 2 - bend * (x1 - x0) / 2)
    plate = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axes.text(*aside, says, ha="center", va="center", fontsize=8, bbox=plate, zorder=5)
