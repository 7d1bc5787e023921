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
BENDS = {("inventory", "notification"): -0.08, ("client", "payment"): -0.08, ("client", "notification"): -0.06}
"""The arrows that cross in the middle, and the one above them, are nearly straight."""
WORDS_AT = {
    ("inventory", "order"): 0.46,
    ("order", "payment"): 0.62,
    ("inventory", "notification"): 0.28,
    ("client", "payment"): 0.28,
}
"""Where the words stand on an arrow, 0.5 being its middle, if there they would touch others."""


def ways_plot(table: pd.DataFrame) -> View:
    """One part per `way` of the table: its rows `from`, `to`, `says` as arrows, and its rules below their service."""
    ways = list(table["way"].unique())
    figure = new_figure(height=5.0)
    for axes, way in zip(figure.subplots(1, len(ways), squeeze=False)[0], ways, strict=True):
        _draw(axes, table[table["way"] == way], way)
    text = "; ".join(
        f"{way}: " + ", ".join(f"{row['from']} to {row['to']}" for _, row in rows.iterrows())
        for way, rows in table.groupby("way", sort=False)
    )
    return View(figure, table, f"Who talks to whom. {text}.")


def _draw(axes: Axes, arrows: pd.DataFrame, way: str) -> None:
    axes.set(xlim=(-0.42, 1.3), ylim=(-0.25, 1.16))
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
    """Below the service, or above it if it is at the top; beside the hub, since arrows begin below it."""
    x, y = PLACES[name]
    look: dict[str, Any] = {"fontsize": 8, "fontstyle": "italic"}
    if name == HUB:
        axes.text(x + 0.16, y, rule, ha="left", va="center", **look)
    elif y == 1.0:
        axes.text(x, y + 0.07, rule, ha="center", va="bottom", **look)
    else:
        axes.text(x, y - 0.09, rule, ha="center", va="top", **look)


def _arrow(axes: Axes, boxes: Mapping[str, FancyBboxPatch], sender: str, receiver: str, says: str) -> None:
    """From edge to edge of the two boxes; dashed if it is a call, whose words are in small letters."""
    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 13, "color": BLUE, "linewidth": 1.4, "zorder": 2}
    look["linestyle"] = (0, (4, 2)) if says.islower() else "-"
    if sender == receiver:
        return _loop(axes, boxes[sender], says, look)
    (x0, y0), (x1, y1) = PLACES[sender], PLACES[receiver]
    bend = BENDS.get((sender, receiver), AT_HUB if HUB in (sender, receiver) else BEND)
    ends: dict[str, Any] = {"patchA": boxes[sender], "patchB": boxes[receiver], "shrinkA": 0, "shrinkB": 1}
    style = f"arc3,rad={bend}"
    axes.add_patch(FancyArrowPatch((x0, y0), (x1, y1), connectionstyle=style, **ends, **look))
    at = WORDS_AT.get((sender, receiver), 0.5)
    off = 2 * at * (1 - at) * bend
    _words(axes, x0 + at * (x1 - x0) + off * (y1 - y0), y0 + at * (y1 - y0) - off * (x1 - x0), says)


def _loop(axes: Axes, box: FancyBboxPatch, says: str, look: Mapping[str, Any]) -> None:
    """An arrow from a service to itself, on its left."""
    x, y, high = box.get_x(), box.get_y(), box.get_height()
    ends = ((x, y + 0.85 * high), (x, y + 0.15 * high))
    axes.add_patch(FancyArrowPatch(*ends, connectionstyle="arc3,rad=1.6", shrinkA=0, shrinkB=0, **look))
    _words(axes, x - 0.1, y + 1.7 * high, says)


def _words(axes: Axes, x: float, y: float, says: str) -> None:
    plate = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axes.text(x, y, says, ha="center", va="center", fontsize=8, bbox=plate, zorder=5)
