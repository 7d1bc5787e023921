"""The figures of a program beside those of the shop's own service."""

from collections.abc import Mapping

import pandas as pd

from ecomkafka.views.view import BLUE, HATCHES, ORANGE, View, new_figure, tidy

ALT = "Three bar charts, each with your program's bar and the bar of the shop's own service, measured in this session."


def targets(yours: Mapping[str, float], ours: Mapping[str, float]) -> View:
    """One small chart for each figure; `table` has the numbers. They are no reason to fail."""
    table = pd.DataFrame({"yours": yours, "the shop's service": ours})
    figure = new_figure(2.0)
    for axes, (name, row) in zip(figure.subplots(1, len(table)), table.iterrows(), strict=True):
        bars = axes.barh(["the shop's", "yours"], list(row)[::-1], color=[ORANGE, BLUE], hatch=["", HATCHES[1]])
        axes.bar_label(bars, fmt=_rounded, padding=3)
        axes.margins(x=0.25)
        tidy(axes, title=str(name))
    return View(figure, table, ALT)


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
