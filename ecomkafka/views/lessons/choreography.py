"""Two ways to run a saga, side by side: participants as boxes, what they say to each other as arrows."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

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
    for name in {*arrows["from"], *arrows["to"]}:
        colour = ORANGE if name == HUB else SKY
        box = {"boxstyle": "round,pad=0.45", "facecolor": colour, "edgecolor": BLACK}
        axes.text(*PLACES[name], name, ha="center", va="center", fontweight="bold", bbox=box, zorder=3)
        _rule(axes, name, RULES[way].get(name, ""))
    for _, row in arrows.iterrows():
        _arrow(axes, PLACES[row["from"]], PLACES[row["to"]], row["says"])
    axes.set(xlim=(-0.3, 1.3), ylim=(-0.25, 1.1))
    axes.set_title(way)
    axes.axis("off")


def _rule(axes: Axes, name: str, rule: str) -> None:
    """Below the service; beside the hub, since arrows begin below it."""
    x, y = PLACES[name]
    look: dict[str, Any] = {"fontsize": 8, "fontstyle": "italic"}
    if name == HUB:
        axes.text(x + 0.16, y, rule, ha="left", va="center", **look)
    else:
        axes.text(x, y - 0.09, rule, ha="center", va="top", **look)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], says: str) -> None:
    look = {
        "arrowstyle": "-|>", "connectionstyle": f"arc3,rad={BEND}", "color": BLUE, "shrinkA": 22, "shrinkB": 22,
        "linewidth": 1.4,
    }  # fmt: skip
    axes.annotate("", end, start, arrowprops=look)
    (x0, y0), (x1, y1) = start, end
    aside = ((x0 + x1) / 2 + BEND * (y1 - y0) / 2, (y0 + y1) / 2 - BEND * (x1 - x0) / 2)
    plate = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axes.text(*aside, says, ha="center", va="center", fontsize=8, bbox=plate)
