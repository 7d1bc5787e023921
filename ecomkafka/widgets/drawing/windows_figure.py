"""The figure of the windows panel: orders, revenue and conversion by window, and the stock."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from ecomkafka.messages import Level
from ecomkafka.views.sales import MONEY, PARTS
from ecomkafka.views.view import BLACK, BLUE, HATCHES, MARKERS, ORANGE, View, new_figure, tidy

SHELVES = {"available": BLUE, "reserved": ORANGE}
PRODUCTS = 12
"""Bars of stock; of a larger catalogue those that run out next."""


def windows_figure(frame: pd.DataFrame, levels: Mapping[str, Level]) -> View:
    """`frame` is the end of `report.frame`'s, `levels` each product's stock. `table` is `frame` and pending orders.

    Readable at 900 pixels; no legend lies over data.
    """
    table = frame.assign(
        **{"pending orders": frame["created"] - frame["confirmed"] - frame["cancelled"]},
        **{name: frame[name].astype(float) for name in ("revenue", "pending", "lost")},
    )
    figure = new_figure(6.0, 9.0)
    parts = figure.subplot_mosaic(
        [["orders", "stock"], ["money", "stock"], ["rate", "stock"]], width_ratios=[2.2, 1], height_ratios=[2, 2, 1.4]
    )
    orders = table.rename(columns={"pending": "money", "pending orders": "pending"})
    _stack(parts["orders"], orders, PARTS, "orders")
    _stack(parts["money"], table.rename(columns={"pending": "pending revenue"}), MONEY, "money")
    _conversion(parts["rate"], table)
    _stock(parts["stock"], levels)
    return View(figure, table, _description(table, len(levels)))


def _stack(axes: Axes, table: pd.DataFrame, parts: Mapping[str, str], y: str) -> None:
    bottom = pd.Series(0.0, index=table.index)
    for (name, colour), hatch in zip(parts.items(), HATCHES, strict=False):
        axes.bar(
            range(len(table)), table[name], 0.7, bottom=bottom, color=colour, hatch=hatch, edgecolor=BLACK,
            linewidth=0.5, label=name,
        )  # fmt: skip
        bottom = bottom + table[name]
    tidy(axes, y=y)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xticks(range(len(table)), [])
    axes.set_xlim(-0.6, max(len(table), 4) - 0.4)
    _legend(axes)


def _conversion(axes: Axes, table: pd.DataFrame) -> None:
    axes.plot(range(len(table)), table["conversion"] * 100, color=BLUE, marker=MARKERS[0])
    axes.set_ylim(-5, 105)
    axes.set_xlim(-0.6, max(len(table), 4) - 0.4)
    tidy(axes, x="start of the window (UTC)", y="conversion (%)")
    axes.set_xticks(range(len(table)), _clock(pd.DatetimeIndex(table.index)), fontsize=9)


def _clock(starts: pd.DatetimeIndex) -> list[str]:
    """Hours and minutes; of more than one day, the date where it changes."""
    days = list(starts.strftime("%d %b"))
    new = [n == 0 or day != days[n - 1] for n, day in enumerate(days)]
    dated = len(set(days)) > 1
    return [
        f"{at:%H:%M}\n{day if first else ''}" if dated else f"{at:%H:%M}"
        for at, day, first in zip(starts, days, new, strict=True)
    ]


def _stock(axes: Axes, levels: Mapping[str, Level]) -> None:
    scarcest = sorted(levels.values(), key=lambda level: level.available)[:PRODUCTS]
    rows = sorted(scarcest, key=lambda level: level.product_id, reverse=True)
    left = [0] * len(rows)
    for (name, colour), hatch in zip(SHELVES.items(), HATCHES, strict=False):
        widths = [int(getattr(level, name)) for level in rows]
        axes.barh(
            range(len(rows)), widths, 0.6, left=left, color=colour, hatch=hatch, edgecolor=BLACK, linewidth=0.5,
            label=name,
        )  # fmt: skip
        left = [before + width for before, width in zip(left, widths, strict=True)]
    tidy(axes, x="units on hand" + (f", the {PRODUCTS} scarcest" if len(levels) > PRODUCTS else ""))
    axes.grid(visible=False, axis="y")
    axes.set_yticks(range(len(rows)), [level.product_id for level in rows], fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    _legend(axes)


def _legend(axes: Axes) -> None:
    axes.legend(ncols=3, frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0.1)


def _description(table: pd.DataFrame, products: int) -> str:
    total = table[["created", "confirmed", "cancelled"]].sum()
    return (
        f"Bars of orders and revenue and a line of conversion in {len(table)} window(s): "
        f"{total['created']:.0f} orders created, {total['confirmed']:.0f} confirmed, {total['cancelled']:.0f} "
        f"cancelled; bars of the stock of {products} products. The tables below hold the numbers."
    )
