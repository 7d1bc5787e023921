"""The figure of outcomes: how many sequences of arrival end how, by rule."""

import pandas as pd

from ecomkafka.views.view import GREEN, HATCHES, ORANGE, PALETTE, VERMILLION, View, new_figure, tidy

PLATE = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none"}
"""Behind a number, so that it can be read on any hatch."""

COLOURS = {"confirmed": GREEN, "confirmed too early": ORANGE, "pending for ever": VERMILLION}
"""Good, wrong and worst; another ending has a colour of PALETTE."""


def endings_plot(counts: pd.DataFrame, what: str = "sequences of arrival") -> View:
    """A bar for each row of `counts` (a rule), cut into its columns (how many arrivals end so).

    `table`: the counts, columns by name. Raises ValueError if there is nothing to draw.
    """
    if counts.empty:
        raise ValueError("counts is empty: a row for each rule and a column for each ending are needed")
    table = counts.sort_index(axis=1)
    figure = new_figure(1.5 + 0.55 * len(table))
    axes = figure.subplots()
    left = pd.Series(0, index=table.index)
    for name, spare, hatch in zip(table.columns, PALETTE, HATCHES, strict=False):
        colour = COLOURS.get(name, spare)
        axes.barh(table.index, table[name], left=left, color=colour, hatch=hatch, edgecolor="white", label=name)
        for row, rule in enumerate(table.index):
            if width := int(table.loc[rule, name]):
                at = (float(left[rule]) + width / 2, row)
                axes.annotate(str(width), at, ha="center", va="center", fontweight="bold", bbox=PLATE)
        left += table[name]
    axes.invert_yaxis()
    axes.grid(visible=False)
    tidy(axes, title=f"How {int(left.max())} {what} end", x="sequences")
    axes.legend(frameon=False, ncols=len(table.columns), loc="upper center", bbox_to_anchor=(0.5, -0.35))
    text = "; ".join(
        f"{rule}: " + ", ".join(f"{count} {name}" for name, count in row.items() if count)
        for rule, row in table.iterrows()
    )
    return View(figure, table, f"How {what} end. {text}.")
