"""One drawing of a topic: its broker, partitions and offsets, the group that reads it and who has which partition."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from ecomkafka.views.view import BLACK, BLUE, GREY, PALETTE, SKY, View, new_figure

_CELL, _PITCH = 0.8, 1.4
"""How wide an offset is drawn, and how far apart the partitions are."""


def kafka_map(
    ends: Mapping[int, int], committed: Mapping[int, int], readers: Mapping[int, str], *, topic: str, group: str
) -> View:
    """`ends`: by partition, the offset that its next record will get; `committed`: by partition, the group's committed
    offset; `readers`: by partition, the member that reads it. `table` has one row per partition with these three.
    """
    table = pd.DataFrame({"end": ends, "committed": committed, "read by": readers}).rename_axis("partition")
    table = table.sort_index()
    figure = new_figure(1.1 + 1.15 * len(table))
    axes = figure.subplots()
    longest = max(int(table["end"].max()), 1) * _CELL
    middle = (len(table) - 1) * _PITCH / 2
    _box(axes, -4.9, middle, "producer", PALETTE[1])
    _broker(axes, topic, longest, len(table))
    members = sorted(set(table["read by"]))
    places = {member: (number + 0.5) * len(table) * _PITCH / len(members) - _PITCH / 2
              for number, member in enumerate(members)}  # fmt: skip
    for row, (partition, end, position, member) in enumerate(table.itertuples()):
        _partition(axes, row * _PITCH, partition, end, position)
        _arrow(axes, (-3.1, middle), (-1.76, row * _PITCH))
        axes.plot([end * _CELL + 0.1, longest + 0.9], [row * _PITCH] * 2, color=GREY, linewidth=0.8)
        _arrow(axes, (longest + 0.9, row * _PITCH), (longest + 2.6, places[member]))
    for member in members:
        _box(axes, longest + 4.4, places[member], member, PALETTE[2])
    axes.text(longest + 4.4, -_PITCH, f"group {group}", ha="center", fontweight="bold")
    axes.set(xlim=(-6.9, longest + 6.4), ylim=(len(table) * _PITCH - 0.1, -_PITCH - 0.5))
    axes.axis("off")
    said = "; ".join(
        f"partition {partition} has {end} records, {member} reads it and {position} are committed"
        for partition, end, position, member in table.itertuples()
    )
    alt = f"A producer writes to the topic {topic} on a broker, the group {group} reads it: {said}."
    return View(figure, table, alt)


def _broker(axes: Axes, topic: str, longest: float, partitions: int) -> None:
    height = partitions * _PITCH + 0.85
    frame: dict[str, Any] = {"boxstyle": "round,pad=0.1", "facecolor": "#F7F7F7", "edgecolor": GREY}
    axes.add_patch(FancyBboxPatch((-2.1, -_PITCH - 0.1), longest + 2.9, height, **frame))
    axes.text(-1.62, -_PITCH + 0.25, f"broker · topic {topic}", fontweight="bold", va="center")


def _partition(axes: Axes, y: float, partition: int, end: int, committed: int) -> None:
    axes.text(-1.62, y, f"partition {partition}", fontsize=8.5, va="center")
    for offset in range(end):
        done = offset < committed
        look: dict[str, Any] = {"facecolor": SKY if done else "white", "hatch": "" if done else "//", "edgecolor": BLUE}
        axes.add_patch(Rectangle((offset * _CELL, y - 0.32), _CELL, 0.64, linewidth=0.9, **look))
        plate = {"boxstyle": "round,pad=0.1", "facecolor": SKY if done else "white", "edgecolor": "none"}
        axes.text((offset + 0.5) * _CELL, y, str(offset), ha="center", va="center", fontsize=8.5, bbox=plate)
    axes.plot([committed * _CELL] * 2, [y - 0.45, y + 0.45], color=BLACK, linewidth=2.2)
    axes.text(committed * _CELL, y + 0.68, f"committed {committed}", ha="center", va="center", fontsize=7.5)


def _box(axes: Axes, x: float, y: float, name: str, colour: str) -> None:
    frame: dict[str, Any] = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": colour, "linewidth": 2}
    axes.add_patch(FancyBboxPatch((x - 1.6, y - 0.3), 3.2, 0.6, **frame))
    plate = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"}
    axes.text(x, y, name, ha="center", va="center", bbox=plate)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "->", "color": GREY, "linewidth": 1.2})
