"""The figure of the metrics panel: four numbers of a shop over its last ten minutes."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from ecomkafka.views.view import DASHES, PALETTE, View, new_figure, tidy
from ecomkafka.widgets.data.metrics_history import AGE, ENDS, LAG, TRANSACTIONS, Sample

SHORTEST = 60.0
"""Seconds, of the axis of time: at the beginning a line shall not fill it."""

PLACES = ((AGE, ENDS), (LAG, TRANSACTIONS))


def metrics_figure(samples: Sequence[Sample]) -> View:
    """`table` has a row per sample, by seconds before now, and a column per line: (what, which)."""
    table = pd.DataFrame([sample.values for sample in samples], index=[s.at - samples[-1].at for s in samples])
    table = table.reindex(columns=sorted(table.columns)).fillna(0.0)
    figure = new_figure(4.6)
    grid = figure.subplots(2, 2, sharex=True)
    for row, names in zip(grid, PLACES, strict=True):
        for axes, name in zip(row, names, strict=True):
            _lines(axes, name, table)
    for axes in grid[-1]:
        axes.set_xlabel("seconds before now")
    return View(figure, table, _told(table))


def _lines(axes: Axes, name: str, table: pd.DataFrame) -> None:
    lines = [series[1] for series in table.columns if series[0] == name]
    for which, colour, dash in zip(lines, PALETTE, DASHES, strict=False):
        axes.plot(table.index, table[name, which], color=colour, linestyle=dash, label=which or name)
    tidy(axes, y=name)
    axes.set_xlim(min(table.index[0], -SHORTEST), 0)
    axes.set_ylim(0, max(1.0, axes.get_ylim()[1]))
    if len(lines) > 1:
        axes.legend(ncols=2, frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0.1)


def _told(table: pd.DataFrame) -> str:
    worst = table[AGE, ""].max() if (AGE, "") in table.columns else 0.0
    return (
        f"Lines of the last {-table.index[0]:.0f} seconds: the oldest open order was {worst:.0f} seconds old at most; "
        "orders that end, lag and transactions beside it. The table holds the newest numbers."
    )
