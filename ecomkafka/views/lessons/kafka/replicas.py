"""The figures of lesson 03: which broker had which record when, and what each setting makes of a broker's death."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ecomkafka.lessons.replication.copies import BEHIND, DEAD, FROZEN, FROZEN_IN_SYNC, IN_SYNC, LEADER
from ecomkafka.lessons.replication.order_taking import LOST, TAKEN, UNHEARD
from ecomkafka.views.view import BLACK, BLUE, GREY, ORANGE, View, new_figure

_LOOKS = {LEADER: ("#CDE8F7", ""), IN_SYNC: ("white", ""), BEHIND: ("white", ".."), DEAD: ("#DDDDDD", "xx"),
          FROZEN: ("#EEEEEE", "//"), FROZEN_IN_SYNC: ("#EEEEEE", "//")}  # fmt: skip
_FATES = {TAKEN: ("#C8EBDD", ""), UNHEARD: ("#FCE3B0", "//"), LOST: ("#F3C1A5", "xx")}


def replicas_plot(table: pd.DataFrame) -> View:
    """A field per moment and broker: its state, and the records of its copy at their offsets.

    `table`: `Copies.table`. A dark line is the high watermark, in the leader's copy. In another colour: a record that
    the leader does not have at the last moment.
    """
    moments, brokers = list(dict.fromkeys(table["moment"])), sorted(set(table["broker"]))
    longest = max(1, *(len(records) for records in table["records"]))
    log = _log(table)
    figure = new_figure(1.2 + 0.95 * len(brokers), width=max(7.0, min(11.0, 2.7 * len(moments))))
    axes = figure.subplots()
    for _, seen in table.iterrows():
        _field(axes, moments.index(seen["moment"]), brokers.index(seen["broker"]), seen, longest, log)
    axes.set(xlim=(-0.5, len(moments) - 0.5), ylim=(len(brokers) - 0.5, -0.5))
    axes.set_xticks(range(len(moments)), moments)
    axes.set_yticks(range(len(brokers)), [f"broker {number}" for number in brokers])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    legend = [
        Line2D([], [], color=BLACK, linewidth=2.6, label="high watermark"),
        Rectangle((0, 0), 1, 1, facecolor=ORANGE, edgecolor=BLUE, label="not in the log at the end"),
    ]
    axes.legend(handles=legend, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    counts = table.groupby("moment", sort=False)["records"].agg(lambda copies: "/".join(str(len(c)) for c in copies))
    said = "; ".join(f"{moment}: {count}" for moment, count in counts.items())
    return View(figure, table, f"Records in each broker's copy, by moment. {said}.")


def _log(table: pd.DataFrame) -> tuple[str, ...]:
    """What the leader has at the last moment."""
    leaders = table[table["state"] == LEADER]
    return tuple(leaders["records"].iloc[-1]) if len(leaders) else ()


def _field(axes: Axes, column: int, row: int, seen: Any, longest: int, log: tuple[str, ...]) -> None:
    colour, hatch = _LOOKS[seen["state"]]
    axes.add_patch(
        Rectangle((column - 0.46, row - 0.42), 0.92, 0.84, facecolor=colour, hatch=hatch, edgecolor="#BBBBBB")
    )
    plate = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"}
    weight = "bold" if seen["state"] == LEADER else "normal"
    axes.text(column - 0.42, row - 0.27, seen["state"], va="center", fontsize=9, fontweight=weight, bbox=plate)
    width = 0.86 / max(longest, 4)
    for offset, value in enumerate(seen["records"]):
        left, lost = column - 0.43 + offset * width, value not in log[offset : offset + 1]
        face = ORANGE if lost else "white"
        axes.add_patch(Rectangle((left, row - 0.08), width, 0.38, facecolor=face, edgecolor=BLUE, linewidth=0.9))
        axes.text(left + width / 2, row + 0.11, value, ha="center", va="center", fontsize=7.5)
    if (mark := seen["high_watermark"]) is not None and mark == mark:
        x = column - 0.43 + mark * width
        axes.plot([x, x], [row - 0.14, row + 0.36], color=BLACK, linewidth=2.6)


def settings_plot(table: pd.DataFrame) -> View:
    """A field per setting (rows) and situation (columns): how many orders were taken, lost, and left without a yes.

    `table`: columns situation, setting and those of `fates`; what was not tried stays empty.
    """
    situations, settings = list(dict.fromkeys(table["situation"])), list(dict.fromkeys(table["setting"]))
    figure = new_figure(1.0 + 0.55 * len(settings))
    axes = figure.subplots()
    for _, row in table.iterrows():
        fate = next(name for name in (LOST, UNHEARD, TAKEN) if row[name])
        place = situations.index(row["situation"]), settings.index(row["setting"])
        face, hatch = _FATES[fate]
        corner = (place[0] - 0.47, place[1] - 0.42)
        axes.add_patch(Rectangle(corner, 0.94, 0.84, facecolor=face, hatch=hatch, edgecolor=GREY, linewidth=0.6))
        words = ", ".join(f"{row[name]} {name}" for name in (TAKEN, LOST, UNHEARD) if row[name])
        plate = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
        axes.text(*place, words, ha="center", va="center", fontsize=9, bbox=plate)
    axes.set(xlim=(-0.5, len(situations) - 0.5), ylim=(len(settings) - 0.5, -0.5))
    axes.set_xticks(range(len(situations)), situations)
    axes.set_yticks(range(len(settings)), settings)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    lost = table.groupby("setting", sort=False)[LOST].sum()
    taken = table.groupby("setting", sort=False)[[TAKEN, LOST]].sum().sum(axis=1)
    said = "; ".join(f"{setting}: {taken[setting]} taken, {lost[setting]} of them lost" for setting in settings)
    return View(figure, table, f"What each setting makes of broker deaths. {' '.join(said.split())}.")
