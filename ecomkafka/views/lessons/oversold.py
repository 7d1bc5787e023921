"""The figures of overselling: what each design of the inventory has sold; which requests each instance got."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from ecomkafka.clients.record import Record
from ecomkafka.lessons.scale_out.assignment_history import Assignment
from ecomkafka.views.view import BLACK, GREY, HATCHES, PALETTE, View, new_figure, tidy


def sold_plot(sold: Mapping[str, int], opening: int) -> View:
    """A bar for each wiring: the units it sold of the `opening` ones, and those that it oversold or left.

    `table`, by wiring: sold, oversold, both in units.
    """
    table = pd.DataFrame({"sold": pd.Series(dict(sold))})
    table["oversold"] = (table["sold"] - opening).clip(lower=0)
    there = table["sold"] - table["oversold"]
    figure = new_figure(1.3 + 0.45 * len(table))
    axes = figure.subplots()
    axes.barh(table.index, there, color=PALETTE[0], label="sold from stock")
    axes.barh(
        table.index, table["oversold"], left=there, color=PALETTE[5], hatch="xx", edgecolor="white", label="oversold"
    )
    unsold = (opening - table["sold"])[table["sold"] < opening]
    if len(unsold):
        axes.barh(unsold.index, unsold, left=there[unsold.index], facecolor="none", edgecolor=BLACK, linestyle=":",
                  label="left on the shelf")  # fmt: skip
    axes.axvline(opening, color=GREY, linestyle="--", linewidth=1, label=f"opening stock: {opening}")
    axes.invert_yaxis()
    tidy(axes, title="Units sold by wiring", x="units")
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    text = "; ".join(f"{wiring}: {units}" for wiring, units in table["sold"].items())
    return View(figure, table, f"Units sold of {opening}: {text}.")


def requests_plot(requests: Sequence[Record], assigned: Assignment, opening: int) -> View:
    """A bar for each instance: the requests that it got, by partition; a line at the units in its own memory.

    `table`: one row an instance, one column a partition, in it the number of requests.
    """
    counts = Counter(request.partition for request in requests)
    rows = {name: {part: counts[part] for part in parts} for name, parts in assigned.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").sort_index(axis=1).fillna(0).astype(int)
    figure = new_figure(1.4 + 0.6 * len(table))
    axes = figure.subplots()
    frame = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    for number, parts in enumerate(rows.values()):
        left = 0
        for part, count in parts.items():
            axes.barh(number, count, left=left, color=PALETTE[number], hatch=HATCHES[number], edgecolor="white")
            text = f"partition {part}: {count}"
            left += count  # at the right end, so that it leaves the line free
            axes.text(left - 1, number, text, ha="right", va="center", fontsize=8, bbox=frame)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.axvline(opening, color=BLACK, linestyle="--", label=f"consoles in each instance's own memory: {opening}")
    axes.invert_yaxis()
    tidy(axes, title="Requests by instance and partition", x="requests")
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside lower center", frameon=False, fontsize=8)
    text = "; ".join(f"{name}: {count}" for name, count in table.sum(axis=1).items())
    return View(figure, table, f"Requests by instance: {text}. Each instance had {opening} units in its own memory.")
