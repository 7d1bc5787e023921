"""The figure of overselling: what each design of the inventory has sold, beside what was in stock."""

from collections.abc import Mapping

import pandas as pd

from ecomkafka.views.view import GREY, PALETTE, View, new_figure, tidy


def sold_plot(sold: Mapping[str, int], opening: int) -> View:
    """A bar for each wiring: the units it sold of the `opening` ones, and on top those that were not there.

    `table`, by wiring: sold, oversold, both in units.
    """
    table = pd.DataFrame({"sold": pd.Series(dict(sold))})
    table["oversold"] = (table["sold"] - opening).clip(lower=0)
    there = table["sold"] - table["oversold"]
    figure = new_figure(1.3 + 0.45 * len(table))
    axes = figure.subplots()
    axes.barh(table.index, there, color=PALETTE[0], label="there were")
    axes.barh(
        table.index, table["oversold"], left=there, color=PALETTE[5], hatch="xx", edgecolor="white", label="oversold"
    )
    axes.axvline(opening, color=GREY, linestyle="--", linewidth=1, label=f"opening stock: {opening}")
    axes.invert_yaxis()
    tidy(axes, title="Units sold by wiring", x="units")
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    text = "; ".join(f"{wiring}: {units}" for wiring, units in table["sold"].items())
    return View(figure, table, f"Units sold of {opening}: {text}.")
