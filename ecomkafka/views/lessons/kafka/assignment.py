"""The figure of assignments: which member had which partition, over time."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ecomkafka.lessons.scale_out.assignment_history import Assignment
from ecomkafka.views.view import BLACK, GREY, HATCHES, PALETTE, View, new_figure, tidy


def assignment_plot(
    samples: Sequence[tuple[float, Assignment]],
    marks: Sequence[tuple[float, str]] = (),
    crashes: Mapping[str, float] | None = None,
) -> View:
    """A bar for each partition, in the look of the instance that had it; white while the group was rebalanced.

    `samples` and `marks` (what was done when) of an `AssignmentWatch`; `crashes`: when an instance crashed, from where
    on its bars are black until the coordinator takes them away. `table`: one row a sample, indexed by seconds, one
    column a partition, in it the instance, "" for none.
    """
    rows = [{part: name for name, parts in now.items() for part in parts} for _, now in samples]
    table = pd.DataFrame(rows, index=pd.Index([at for at, _ in samples], name="seconds")).fillna("")
    partitions = sorted({part for now in rows for part in now})
    table = table[partitions]
    names = sorted({name for now in rows for name in now.values()})
    figure = new_figure(1.8 + 0.6 * len(partitions))
    axes = figure.subplots()
    for number, name in enumerate(names):
        _bars(axes, table, partitions, name, number)
    for name, at in (crashes or {}).items():
        _crash(axes, table, partitions, name, at)
    for number, (at, what) in enumerate(marks):
        axes.axvline(at, color=GREY, linewidth=0.8, linestyle=":")
        axes.text(at, -0.55 - 0.22 * (number % 3), f" {what}", fontsize=8, color=GREY)
    axes.set_yticks(partitions)
    axes.set_ylim(max(partitions) + 0.5, -1.25 if marks else -0.5)
    axes.set_xlim(0, table.index[-1])  # no margin: white would say that the group is rebalanced
    tidy(axes, x="seconds", y="partition")
    handles = axes.get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=len(handles[1]), frameon=False)
    text = f": {'; '.join(what for _, what in marks)}" if marks else ""
    return View(figure, table, f"Which partitions {', '.join(names)} had, over time{text}.")


def _bars(axes: Axes, table: pd.DataFrame, partitions: list[int], name: str, number: int) -> None:
    look: dict[str, Any] = {"facecolor": PALETTE[number % 8], "hatch": HATCHES[number % 8], "edgecolor": "white"}
    for partition in partitions:
        axes.broken_barh(_spans(table[partition], name), (partition - 0.35, 0.7), linewidth=0, **look)
    axes.barh([0], [0], label=name, linewidth=0, **look)


def _crash(axes: Axes, table: pd.DataFrame, partitions: list[int], name: str, at: float) -> None:
    look: dict[str, Any] = {"facecolor": BLACK, "hatch": "//", "edgecolor": "white", "linewidth": 0}
    for partition in partitions:
        for start, length in _spans(table[partition], name):
            if start <= at < start + length:
                axes.broken_barh([(at, start + length - at)], (partition - 0.35, 0.7), **look)
    axes.barh([0], [0], label=f"{name}, crashed", **look)


def _spans(owners: pd.Series, name: str) -> list[tuple[float, float]]:
    """From when on, and for how long, the instance had the partition."""
    starts = [float(at) for at in owners.index]
    lengths = [end - at for at, end in zip(starts, [*starts[1:], starts[-1]], strict=True)]
    return _joined([span for *span, had in zip(starts, lengths, owners, strict=True) if had == name])


def _joined(spans: list[list[float]]) -> list[tuple[float, float]]:
    """Spans that touch each other, as one."""
    joined: list[tuple[float, float]] = []
    for start, length in spans:
        if joined and abs(sum(joined[-1]) - start) < 1e-9:
            joined[-1] = joined[-1][0], joined[-1][1] + length
        else:
            joined.append((start, length))
    return joined
