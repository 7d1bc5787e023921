"""The figures of the lessons 13 and 13b: answers of replays, a late sale; stream time, a join of streams, sessions."""

from datetime import datetime, timedelta
from decimal import Decimal

import pandas as pd
from matplotlib.dates import DateFormatter, HourLocator
from matplotlib.lines import Line2D

from ecomkafka.views.view import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MARKERS,
    ORANGE,
    PALETTE,
    SKY,
    VERMILLION,
    View,
    new_figure,
    tidy,
)

NO_ROW = "no row yet"


def answers_plot(answers: dict[str, Decimal], right: Decimal, currency: str) -> View:
    """One bar for each replay's answer, with its error; the line is the right one."""
    table = pd.DataFrame({"replay": answers.keys(), "answer": answers.values()})
    table["error"] = table["answer"].map(lambda answer: answer - right)
    figure = new_figure(height=0.55 * len(table) + 1.2)
    axes = figure.subplots()
    bars = axes.barh(table["replay"], table["answer"].astype(float), color=SKY)
    labels = [f"{answer:,.2f} ({error:+,.2f})" for answer, error in zip(table["answer"], table["error"], strict=True)]
    axes.bar_label(bars, labels, label_type="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})
    axes.axvline(float(right), color=BLUE, linewidth=2)
    axes.annotate(f"right: {right:,.2f}", (float(right), 1), xycoords=("data", "axes fraction"), color=BLUE, ha="right",
                  va="bottom", xytext=(-4, 2), textcoords="offset points")  # fmt: skip
    tidy(axes, x=f"revenue at list prices ({currency})")
    axes.invert_yaxis()
    axes.margins(x=0.15)
    wrong = int((table["error"] != 0).sum())
    return View(figure, table, f"{len(table)} replays of one log; {wrong} of them are not the right {right:,.2f}.")


def billed_plot(prices: dict[datetime, Decimal], sales: pd.DataFrame) -> View:
    """A price over time, and each sale at its event time and at the price at which it was billed.

    `prices`: by the time from which each is valid; `sales`: `at` and `billed`, in the sequence of their reading.
    """
    table = sales.reset_index(drop=True)
    table["right"] = table["at"].map(lambda at: prices[max(start for start in prices if start <= at)])
    figure = new_figure(height=3.0)
    axes = figure.subplots()
    starts = sorted(prices)
    last = max([*table["at"], *starts]) + timedelta(hours=1)
    levels = [float(prices[start]) for start in starts]
    axes.step([*starts, last], [*levels, levels[-1]], where="post", color=BLUE, linewidth=2, label="price")
    named = {False: "billed at the price of its time", True: "billed at another price"}
    for number, sale in enumerate(table.to_dict("records"), 1):
        wrong = sale["billed"] != sale["right"]
        axes.plot(sale["at"], float(sale["billed"]), "X" if wrong else "o", color=VERMILLION if wrong else GREEN,
                  linestyle="none", markeredgecolor=BLACK, markersize=11, label=named.pop(wrong, None))  # fmt: skip
        text = f"read as number {number}"
        if wrong:
            text += f"; right is {sale['right']}"
            axes.annotate("", (sale["at"], float(sale["right"])), (sale["at"], float(sale["billed"])),
                          arrowprops={"arrowstyle": "->", "linestyle": "--", "color": GREY})  # fmt: skip
        axes.annotate(text, (sale["at"], float(sale["billed"])), xytext=(0, 12), textcoords="offset points",
                      ha="center")  # fmt: skip
    tidy(axes, x="event time (UTC)", y="price (GBP)")
    axes.margins(y=0.35)
    axes.xaxis.set_major_locator(HourLocator())  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))  # type: ignore[no-untyped-call]
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    wrong_ones = int((table["billed"] != table["right"]).sum())
    return View(figure, table, f"{len(table)} sales and a price; {wrong_ones} not billed at the price of its time.")


def stream_time_plot(events: pd.DataFrame, size: timedelta, grace: timedelta) -> View:
    """Events as they are read: those below stream time by more than their window and the grace are dropped.

    `events`: `partition` and `at`, in the sequence of their reading, by one task.
    """
    table = events.reset_index(drop=True)
    table["stream time"] = table["at"].cummax()
    table["counted"] = table["at"].dt.floor(size) + size + grace > table["stream time"]
    figure = new_figure(height=4.2)
    axes = figure.subplots()
    places = table.index + 1
    axes.step(places, table["stream time"], where="post", color=GREY, label="stream time")
    for partition, colour, marker in zip(sorted(table["partition"].unique()), PALETTE, MARKERS, strict=False):
        for counted in (True, False):
            chosen = (table["partition"] == partition) & (table["counted"] == counted)
            face, name = (colour, f"partition {partition}") if counted else ("white", None)
            axes.plot(places[chosen], table["at"][chosen], marker, color=colour, markerfacecolor=face, markersize=8,
                      label=name)  # fmt: skip
    tidy(axes, x="number of the record, as it is read (hollow: dropped)", y="event time (UTC)")
    axes.yaxis.set_major_locator(HourLocator())  # type: ignore[no-untyped-call]
    axes.yaxis.set_major_formatter(DateFormatter("%H:%M"))  # type: ignore[no-untyped-call]
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    kept = int(table["counted"].sum())
    return View(
        figure, table, f"{len(table)} orders as they are read: {kept} are counted, {len(table) - kept} are dropped."
    )


def join_plot(left: pd.Series, right: pd.Series, rows: pd.DataFrame, minutes: int, grace: int) -> View:
    """Each order's confirmation and mail on a time line, the window with its grace, and the row that the engine gave.

    `left`, `right`: minutes after noon, indexed by order; `right` may lack some. `rows`: the engine's output, `answer`
    and `at minute`, indexed by order; it may lack some too.
    """
    table = pd.DataFrame({"confirmed": left, "mail": right.reindex(left.index)}).join(rows)
    table["row"] = [
        NO_ROW if pd.isna(minute) else f"{answer}, at {minute:.0f}"
        for answer, minute in zip(table["answer"], table["at minute"], strict=True)
    ]
    figure = new_figure(height=0.5 * len(table) + 1.4)
    axes = figure.subplots()
    places = range(len(table))
    axes.barh(places, 2 * minutes, left=table["confirmed"] - minutes, height=0.55, color=SKY, alpha=0.3,
              label=f"{minutes} minutes before and after")  # fmt: skip
    axes.barh(places, grace, left=table["confirmed"] + minutes, height=0.55, facecolor="white", edgecolor=SKY,
              hatch="///", label="grace")  # fmt: skip
    axes.plot(table["confirmed"], places, "o", color=BLUE, markersize=9, label="confirmed")
    axes.plot(table["mail"], places, "X", color=BLACK, markersize=9, label="mail sent")
    axes.plot(table["at minute"], places, "|", color=ORANGE, markersize=26, markeredgewidth=3, label="the row comes")
    for place, text in zip(places, table["row"], strict=True):
        axes.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", color=GREY)
    tidy(axes, x="event time (minutes after noon)", y="order")
    axes.set_yticks(places, table.index)
    axes.invert_yaxis()
    legend = figure.legend(loc="outside upper center", ncols=5, frameon=False)
    for handle in legend.legend_handles:
        if isinstance(handle, Line2D) and handle.get_label() == "the row comes":
            handle.set_markersize(12)  # no higher than the legend
    told = "; ".join(f"{order}: {row}" for order, row in table["row"].items())
    return View(figure, table, f"{len(table)} confirmed orders and what the engine says of each. {told}.")


def sessions_plot(sessions: pd.DataFrame, orders: pd.DataFrame, gap: timedelta) -> View:
    """The sessions of one customer, before and after more was read: bars, with their orders as dots.

    A bar goes from the first order to the last; pale behind it is the `gap`: until its end the session waits for
    the next order. (On both sides the gaps of two sessions would overlap, and look like one.)
    `sessions`: `read` (what was read until then), `start`, `end`, `orders`; `orders`: `read`, `at`, in the sequence of
    their reading. All times are UTC.
    """
    stages = list(sessions["read"].unique())
    figure = new_figure(height=0.8 * len(stages) + 1.2)
    axes = figure.subplots()
    for number, session in enumerate(sessions.to_dict("records")):
        row, length = stages.index(session["read"]), session["end"] - session["start"]
        names = ("session", f"gap: {gap / timedelta(hours=1):g} hours") if number == 0 else (None, None)
        axes.barh(row, length + gap, left=session["start"], height=0.45, color=SKY, alpha=0.25,
                  label=names[1])  # fmt: skip
        axes.barh(row, length, left=session["start"], height=0.45, color=SKY, edgecolor=BLUE, linewidth=3,
                  label=names[0])  # fmt: skip
        axes.annotate(str(session["orders"]), (session["start"] + length / 2, row - 0.32), ha="center", va="bottom")
    axes.plot(orders["at"], [stages.index(read) for read in orders["read"]], "o", color=GREEN, markeredgecolor=BLACK,
              label="order")  # fmt: skip
    for read, dots in orders.groupby("read"):
        for number, (at, newest) in enumerate(zip(dots["at"], dots["at"].cummax(), strict=True), 1):
            if at < newest:
                axes.annotate(f"read as number {number}", (at, stages.index(read)), xytext=(8, 0),
                              textcoords="offset points", va="center")  # fmt: skip
    tidy(axes, x="event time (UTC); the numbers are orders per session")
    axes.use_sticky_edges = False
    axes.margins(x=0.05)
    axes.set_yticks(range(len(stages)), stages)
    axes.set_ylim(len(stages) - 0.5, -0.75)
    axes.xaxis.set_major_locator(HourLocator())  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))  # type: ignore[no-untyped-call]
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    counts = "; ".join(f"{stage}: {(sessions['read'] == stage).sum()}" for stage in stages)
    return View(figure, sessions, f"Sessions of one customer. {counts}.")
