"""The figure of sales: orders, revenue and conversion by window of event time."""

import pandas as pd
from matplotlib.axes import Axes

from ecomkafka.views.view import BLUE, HATCHES, MARKERS, ORANGE, VERMILLION, View, new_figure, tidy

PARTS = {"confirmed": BLUE, "pending": ORANGE, "cancelled": VERMILLION}
MONEY = {"revenue": BLUE, "pending revenue": ORANGE, "lost": VERMILLION}

MANY = 60
"""The bars of more windows than that are too narrow for a frame."""


def windows_plot(frame: pd.DataFrame, currency: str = "") -> View:
    """Three plots over the windows: orders by their end, revenue, conversion. `frame` is that of `shop.windows()`.

    A window has the same width wherever it lies: for an axis that can be read as time there has to be a row for the
    empty ones, too.

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
    tidy(orders, title="Orders, revenue and conversion", y="orders")
    tidy(money, y=f"revenue ({currency})" if currency else "revenue")
    tidy(rate, x=f"start of the window ({pd.DatetimeIndex(frame.index).tz or 'UTC'})", y="conversion (%)")
    _label_windows(rate, pd.DatetimeIndex(frame.index))
    total = table[["created", "confirmed", "cancelled"]].sum()
    alt = (
        f"Orders, revenue and conversion in {(table['created'] > 0).sum()} window(s): "
        f"{total['created']:.0f} orders created, {total['confirmed']:.0f} confirmed, "
        f"{total['cancelled']:.0f} cancelled; revenue {table['revenue'].sum():,.2f}."
    )
    return View(figure, table, alt)


def _label_windows(axes: Axes, starts: pd.DatetimeIndex) -> None:
    """The first window of each day; of one day's windows at most 16."""
    days = starts.normalize()
    if days.nunique() > 1:
        shown, form = [n for n in range(len(days)) if n == 0 or days[n] != days[n - 1]], "%a\n%d %b"
    else:
        shown, form = list(range(len(starts)))[:: max(1, -(-len(starts) // 16))], "%H:%M"
    axes.set_xticks(shown, [starts[n].strftime(form) for n in shown], fontsize=8)


def _stack(axes: Axes, table: pd.DataFrame, parts: dict[str, str]) -> None:
    bottom = pd.Series(0.0, index=table.index)
    for (name, colour), hatch in zip(parts.items(), HATCHES, strict=False):
        if not table[name].any():
            continue
        axes.bar(
            range(len(table)), table[name], bottom=bottom, color=colour, hatch=hatch, edgecolor="white", label=name,
            linewidth=1.0 if len(table) <= MANY else 0.2,
        )  # fmt: skip
        bottom = bottom + table[name]
    axes.legend(ncols=3, frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, 1.0))
