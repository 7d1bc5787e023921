"""The figures of a chaos run: its faults and their effect, and how soon orders flowed again."""

from collections.abc import Hashable, Iterable, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from ecomkafka.views.view import BLACK, BLUE, GREEN, ORANGE, VERMILLION, View, new_figure, tidy

MOMENT = 0.4
"""Seconds: what lasted no longer is drawn as a mark."""

ENOUGH = 0.85
"""From this share of the seconds on a name stands left of its fault, if there is room: on the right it is cut off."""

ORDERS = {"accepted": (BLUE, "-"), "confirmed": (GREEN, "--")}


def chaos_plot(timeline: pd.DataFrame, faults: pd.DataFrame) -> View:
    """Faults, orders per second and lag over the seconds of a run, from a `ChaosResult`'s two tables."""
    figure = new_figure(4.2 + 0.24 * faults["fault"].nunique())
    upper, middle, lower = figure.subplots(3, 1, sharex=True, height_ratios=[1 + faults["fault"].nunique() / 5, 2, 1.2])
    _faults(upper, faults, len(timeline))
    for axes in (middle, lower):
        for fault in faults.to_dict("records"):
            axes.axvspan(fault["at"], _end(fault), color="#DDDDDD", linewidth=0)
    edges = range(len(timeline) + 1)  # a row counts a whole second: a step from its start to its end
    for column, (colour, dashes) in ORDERS.items():
        steps = [*timeline[column], *timeline[column].tail(1)]
        middle.step(edges, steps, where="post", color=colour, linestyle=dashes, linewidth=1.8, label=column)
    cancelled = timeline["cancelled"]  # bars: a line at 0 could not be distinguished from the axis
    bars = middle.bar(
        timeline.index, cancelled, 1, align="edge", color=ORANGE, edgecolor=BLACK, linewidth=0.5, label="cancelled"
    )
    grey = Patch(color="#DDDDDD", label="a fault lasts")
    middle.legend(handles=[*middle.lines, bars, grey], loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    known = "lag\n(a gap: no answer\nin that second)"
    lower.plot(timeline.index + 0.5, timeline["lag"], color=BLACK, marker=".", linewidth=1.2, label=known)
    lower.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    tidy(upper, title="What was broken")
    tidy(middle, title="What customers saw", y="orders per second")
    tidy(lower, title="What the services had not committed yet", x="seconds since the start", y="lag (offsets)")
    for axes in (middle, lower):
        axes.set_ylim(bottom=-0.02 * axes.get_ylim()[1])  # a line at 0 is seen above the axis
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    figure.draw_without_rendering()
    _hide_what_others_cover(upper.texts)
    alt = (
        "Three time lines of the chaos run, one below the other: the faults as bars, the orders accepted, confirmed "
        f"and cancelled in each second, and the lag. Grey: a fault is under way. {_ended(timeline)}"
    )
    return View(figure, timeline, alt)


def _ended(timeline: pd.DataFrame) -> str:
    left = int(timeline["accepted"].sum() - timeline[["confirmed", "cancelled"]].to_numpy().sum())
    return f"At the end {left} orders have not ended." if left > 0 else "At the end every accepted order has ended."


def _faults(axes: Axes, faults: pd.DataFrame, seconds: int) -> None:
    """A row for each kind of fault, the first one at the top; who was hit is written beside it, where there is room."""
    names = list(dict.fromkeys(faults["fault"]))
    for fault in faults.to_dict("records"):
        row, end = names.index(fault["fault"]), _end(fault)
        if fault["lasted"] > MOMENT:
            axes.barh(row, fault["lasted"], left=fault["at"], height=0.7, color=VERMILLION, edgecolor=BLACK, hatch="//")
        else:
            axes.plot(fault["at"], row, marker="D", color=VERMILLION, markeredgecolor=BLACK, linestyle="")
        alone = (faults["fault"] == fault["fault"]).sum() == 1
        side, place = ("right", fault["at"] - MOMENT) if alone and end > ENOUGH * seconds else ("left", end)
        axes.annotate(f" {fault['target']}", (place, row), ha=side, va="center", fontsize=8, annotation_clip=False)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)


def _hide_what_others_cover(names: Iterable[Text]) -> None:
    rows = sorted(names, key=lambda name: name.get_position()[::-1])
    for name, after in pairwise(rows):
        same_row = name.get_position()[1] == after.get_position()[1]
        if same_row and name.get_window_extent().x1 > after.get_window_extent().x0:
            name.set_visible(False)


def _end(fault: Mapping[Hashable, Any]) -> float:
    return float(fault["at"] + max(fault["lasted"], MOMENT))


def recovery_plot(faults: pd.DataFrame, limit: float) -> View:
    """Seconds from each fault's end until orders flowed again, as `recoveries` counts them, and the `limit`."""
    table = faults[["at", "fault", "target", "recovered after"]].sort_values("at", ignore_index=True)
    figure = new_figure(1.7 + 0.3 * len(table))
    axes = figure.subplots()
    bars = axes.barh(range(len(table)), table["recovered after"].fillna(0.0), color=BLUE, edgecolor=BLACK)
    axes.set_yticks(range(len(table)), [f"{one['fault']}, {one['target']}" for one in table.to_dict("records")])
    axes.bar_label(bars, [_seconds(after) for after in table["recovered after"]], padding=3)
    axes.axvline(limit, color=BLACK, linestyle="--")
    axes.annotate(
        f"promised: {limit:g} s", (limit, 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom"
    )  # fmt: skip
    until = "until the first ten orders that came after it had ended"
    label = f"seconds from the fault's end {until},\nwithout the time of other faults that hold orders up"
    tidy(axes, title="How soon new orders flowed again", x=label)
    axes.grid(visible=False, axis="y")
    axes.invert_yaxis()
    never = int(table["recovered after"].isna().sum())
    text = f"after {never} of them they did not" if never else "they did after each of them"
    bars_say = "how long after its end new orders flowed again, without the time of other such faults"
    alt = f"A bar for each fault that holds up orders: {bars_say}; {text}."
    return View(figure, table, f"{alt} At most {limit:g} seconds were promised.")


def _seconds(after: float) -> str:
    return "never" if pd.isna(after) else f"{after:.1f} s"
