"""Orders, revenue and conversion by window of event time."""

import pandas as pd
from matplotlib.axes import Axes

from ecomkafka.lab.views.view import BLUE, HATCHES, MARKERS, ORANGE, VERMILLION, View, new_figure, tidy

PARTS = {"confirmed": BLUE, "pending": ORANGE, "cancelled": VERMILLION}
MONEY = {"revenue": BLUE, "pending revenue": ORANGE, "lost": VERMILLION}


def windows_plot(frame: pd.DataFrame) -> View:
    """Three plots over the windows: orders by their end, revenue, conversion. `frame` is that of `shop.windows()`.

    `table`: created, confirmed, pending, cancelled (orders), revenue, pending revenue, lost (money, as floats),
    conversion (0 to 1, NaN where nothing was created), by start of window.
    """
    table = frame[["created", "confirmed", "cancelled", "conversion"]].copy()
    table.insert(2, "pending", table["created"] - table["confirmed"] - table["cancelled"])
    for name, column in {"revenue": "revenue", "pending revenue": "pending", "lost": "lost"}.items():
        table[name] = frame[column].astype(float)
    figure = new_figure(6.5)
    orders, money, rate = figure.subplots(3, 1, sharex=True, height_ratios=[2, 2, 1.3])
    x = range(len(table))
    _stack(orders, table, PARTS)
    _stack(money, table, MONEY)
    rate.plot(x, table["conversion"] * 100, color=BLUE, marker=MARKERS[0])
    rate.set_ylim(-5, 105)
    tidy(orders, title="Orders, revenue and conversion by window", y="orders")
    tidy(money, y="money")
    tidy(rate, x="start of the window (UTC)", y="conversion (%)")
    shown = list(x)[:: max(1, -(-len(table) // 16))]
    starts = pd.DatetimeIndex(frame.index)
    days = starts.normalize().nunique() > 1
    rate.set_xticks(shown, [starts[n].strftime("%d %b\n%H:%M" if days else "%H:%M") for n in shown], fontsize=8)
    total = table[["created", "confirmed", "cancelled"]].sum()
    alt = (
        f"Orders, revenue and conversion in {len(table)} window(s): {total['created']:.0f} orders created, "
        f"{total['confirmed']:.0f} confirmed, {total['cancelled']:.0f} cancelled; "
        f"revenue {table['revenue'].sum():,.2f}."
    )
    return View(figure, table, alt)


def _stack(axes: Axes, table: pd.DataFrame, parts: dict[str, str]) -> None:
    bottom = pd.Series(0.0, index=table.index)
    for (name, colour), hatch in zip(parts.items(), HATCHES, strict=False):
        axes.bar(
            range(len(table)), table[name], bottom=bottom, color=colour, hatch=hatch, edgecolor="white", label=name
        )
        bottom = bottom + table[name]
    axes.legend(ncols=3, frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, 1.0))
