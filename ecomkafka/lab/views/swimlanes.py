"""The figure of the course: an order's records as arrows between the services' lanes, read from the topics."""

from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from ecomkafka.lab.shop import Shop
from ecomkafka.lab.views import lanes
from ecomkafka.lab.views.view import BLUE, ORANGE, PURPLE, VERMILLION, View, cluster_of, new_figure
from ecomkafka.runtime.clients import Cluster

OBSERVERS = ("analytics", lanes.READ_MODEL)
ROW = 0.43
"""Inches a record."""


class Stroke(NamedTuple):
    colour: str
    dash: tuple[int, tuple[int, ...]]


STROKES = {
    "forward": Stroke(BLUE, (0, ())),
    "compensation": Stroke(VERMILLION, (0, (6, 2))),
    "retry": Stroke(ORANGE, (0, (3, 1, 1, 1))),
    "dead letter": Stroke(PURPLE, (0, (1, 1))),
}


def swimlane(shop_or_cluster: Shop | Cluster, order_id: str, title: str = "") -> View:
    """The order's story as a sequence diagram: time goes down, every record is an arrow from who wrote it to all who
    read it, with its type, its topic:partition:offset and, where that is not 1, its attempt.

    A shaded box holds what one record caused: one transaction. Compensation, retries and dead letters differ in colour
    and dash. `table` is that of `lanes.rows`. Raises LookupError if no record of the order is there.
    """
    table = lanes.rows(cluster_of(shop_or_cluster), order_id)
    figure = new_figure(ROW * len(table) + 1.0)
    draw(figure.subplots(), table, title or f"Order {order_id}, record by record")
    return View(figure, table, describe(table, order_id))


def side_by_side(view_a: View, view_b: View) -> View:
    """Two swim-lanes beside each other, without addresses and observers: what differs is to be seen.

    `table` is both tables, under "left" and "right". Raises ValueError for other views.
    """
    for view in (view_a, view_b):
        if tuple(view.table.columns) != lanes.COLUMNS:
            raise ValueError(f"{view!r:.80} is no swim-lane: two views made by 'swimlane' are needed")
    tables = [without_observers(view.table) for view in (view_a, view_b)]
    figure = new_figure(0.30 * max(map(len, tables)) + 1.0)
    for axes, table, view in zip(figure.subplots(1, 2), tables, (view_a, view_b), strict=True):
        draw(axes, table, view.figure.axes[0].get_title(), small=True)
        axes.set_ylim(max(map(len, tables)) + 0.4, -1.0)
    both = pd.concat({"left": view_a.table, "right": view_b.table}, names=["side", "row"])
    return View(figure, both, f"Left: {view_a.alt} Right: {view_b.alt}")


def describe(table: pd.DataFrame, order_id: str) -> str:
    """The story in words, without what differs from run to run."""
    told = []
    for _, group in table.groupby("transaction"):
        types = group["type"] + ["" if n == 1 else f" (attempt {n})" for n in group["attempt"]]
        counts = types.value_counts(sort=False)
        told.append(
            f"{group['from'].iloc[0]} writes " + ", ".join(f"{n} × {t}" if n > 1 else t for t, n in counts.items())
        )
    return f"Swim-lane of {order_id}, {len(table)} records: " + "; ".join(told) + "."


def without_observers(table: pd.DataFrame) -> pd.DataFrame:
    """The records that drive the saga: not those that only observers read, nor the observers."""
    readers = table["to"].str.split(", ").map(lambda names: [name for name in names if name not in OBSERVERS])
    kept = table.assign(to=readers.str.join(", "))
    return kept[readers.map(bool) | (table["topic"] == "orders.events") | (table["kind"] == "dead letter")]


def draw(axes: Axes, table: pd.DataFrame, title: str, small: bool = False) -> None:
    """Draw `table` (see `lanes.rows`)."""
    taking_part = {*table["from"], *(name for names in table["to"] for name in names.split(", "))}
    x = {lane: number for number, lane in enumerate(lane for lane in lanes.LANES if lane in taking_part)}
    axes.set(xlim=(-0.75, len(x) - 0.5), ylim=(len(table) + 0.4, -1.0))
    axes.set_title(title, loc="left", fontsize=9 if small else 11, fontweight="bold")
    axes.set_axis_off()
    for lane, place in x.items():
        axes.plot([place, place], [-0.45, len(table)], color="#BBBBBB", linewidth=1, zorder=1)
        axes.text(place, -0.6, lane, ha="center", va="center", fontsize=7 if small else 9, fontweight="bold")
    rows = table.reset_index(drop=True)
    for _, group in rows.groupby("transaction"):
        _box(axes, group, x)
    for y, row in rows.iterrows():
        _arrow(axes, int(str(y)), row, x, small)


def _box(axes: Axes, group: pd.DataFrame, x: dict[str, int]) -> None:
    """The transaction: from the first of its rows to the last, around all lanes it touches."""
    top, bottom = int(group.index[0]), int(group.index[-1])
    names = [*group["from"], *(name for names in group["to"] for name in names.split(", ") if name)]
    left, right = min(x[name] for name in names), max(x[name] for name in names)
    box = FancyBboxPatch(
        (left - 0.12, top - 0.42), right - left + 0.24, bottom - top + 0.9,
        boxstyle="round,pad=0,rounding_size=0.08", facecolor="#F1F1EC", edgecolor="#D8D8D0", linewidth=0.6, zorder=0,
    )  # fmt: skip
    axes.add_patch(box)


def _arrow(axes: Axes, y: int, row: pd.Series, x: dict[str, int], small: bool) -> None:
    stroke = STROKES[str(row["kind"])]
    start, ends = x[str(row["from"])], [x[name] for name in str(row["to"]).split(", ") if name]
    level = y + 0.15
    for end in {min([start, *ends]), max([start, *ends])} - {start}:
        axes.plot([start, end], [level, level], color=stroke.colour, linestyle=stroke.dash, linewidth=1.4, zorder=2)
    for end in ends:
        axes.plot(end, level, marker=">" if end > start else "<", color=stroke.colour, markersize=6, zorder=3)
    axes.plot(start, level, marker="o", color=stroke.colour, markersize=4, zorder=3)
