"""The figures of lesson 15: which reader can read which records, and a figure that no schema protects."""

import pandas as pd
from matplotlib.ticker import StrMethodFormatter

from ecomkafka.views.lessons.outcomes import BAD, GOOD, ODD, PLAIN, outcome_plot
from ecomkafka.views.view import BLACK, BLUE, HATCHES, ORANGE, View, new_figure, tidy

RIGHT, WRONG, STOPS = "right", "silently wrong", "stops"
READS, BREAKS = "reads", "breaks"
WHO_FIRST = ("nobody", "readers", "writers, then wait", "not in one step")
_LOOKS = {RIGHT: GOOD, WRONG: ODD, STOPS: BAD, READS: GOOD, BREAKS: BAD} | dict.fromkeys(WHO_FIRST, PLAIN)


def readers_plot(table: pd.DataFrame, what: str = "What each reader makes of the records") -> View:
    """A field per reader or change (index) and per kind of records or direction (columns); `what` is the title."""
    said = "; ".join(f"{name}: {', '.join(row)}" for name, row in table.iterrows())
    view = outcome_plot(table, _LOOKS, f"{what}. {said}.")
    view.figure.axes[0].set_title(what, loc="left")
    return view


def report_plot(table: pd.DataFrame) -> View:
    """Per day (index) what was sold and what the report says, in the columns "sold" and "reported"."""
    figure = new_figure(height=3.0)
    axes = figure.subplots()
    for number, (name, colour) in enumerate((("sold", BLUE), ("reported", ORANGE))):
        places = [place + 0.38 * number - 0.19 for place in range(len(table))]
        bars = axes.bar(
            places, table[name], width=0.36, color=colour, hatch=HATCHES[number], edgecolor=BLACK, label=name
        )
        axes.bar_label(bars, fmt="{:,.0f}", fontsize=9)
    axes.set_xticks(range(len(table)), table.index)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_ylim(0, 1.1 * float(table.to_numpy().max()))
    axes.legend(frameon=False, loc="upper left")
    tidy(axes, title="What was sold and what the report says", x="day", y="EUR")
    said = "; ".join(
        f"{hour}: {row['sold']:,.0f} sold, {row['reported']:,.0f} reported" for hour, row in table.iterrows()
    )
    return View(figure, table, f"Sold and reported. {said}.")
