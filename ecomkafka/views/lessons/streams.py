"""The figures of lesson 13: what replays answer, a stream-stream join's window, and sessions on a time line."""

from decimal import Decimal

import pandas as pd
from matplotlib.dates import DateFormatter, DayLocator

from ecomkafka.views.view import BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION, View, new_figure, tidy

TOO_LATE, NEVER, MATCHED = "mail outside of the window", "no mail", "joined"
_LOOK = {MATCHED: (GREEN, ""), TOO_LATE: (VERMILLION, "//"), NEVER: (ORANGE, "..")}


def answers_plot(answers: dict[str, Decimal], right: Decimal, currency: str) -> View:
    """One bar for each replay's answer; the line is the right one."""
    table = pd.DataFrame({"replay": answers.keys(), "answer": answers.values()})
    table["error"] = table["answer"].map(lambda answer: answer - right)
    figure = new_figure(height=0.55 * len(table) + 1.2)
    axes = figure.subplots()
    bars = axes.barh(table["replay"], table["answer"].astype(float), color=SKY, hatch="//", edgecolor="white")
    axes.bar_label(bars, [f"{answer:,.2f}" for answer in table["answer"]], padding=4)
    axes.axvline(float(right), color=BLUE, linewidth=2)
    axes.annotate(f"right: {right:,.2f}", (float(right), 1), xycoords=("data", "axes fraction"), color=BLUE, ha="right",
                  va="bottom", xytext=(-4, 2), textcoords="offset points")  # fmt: skip
    tidy(axes, x=f"revenue at list prices ({currency})")
    axes.invert_yaxis()
    axes.margins(x=0.15)
    wrong = int((table["error"] != 0).sum())
    return View(figure, table, f"{len(table)} replays of one log; {wrong} of them are not the right {right:,.2f}.")


def join_plot(left: pd.Series, right: pd.Series, minutes: int) -> View:
    """Each order's confirmation and mail on a time line, and the window in which the two are joined.

    `left`, `right`: minutes after noon, indexed by order; `right` may lack some.
    """
    table = pd.DataFrame({"confirmed": left, "mail": right.reindex(left.index)})
    distance = (table["mail"] - table["confirmed"]).abs()
    table["outcome"] = [NEVER if pd.isna(d) else MATCHED if d <= minutes else TOO_LATE for d in distance]
    figure = new_figure(height=0.5 * len(table) + 1.4)
    axes = figure.subplots()
    for row, (_, at, mail, outcome) in enumerate(table.itertuples()):
        colour, hatch = _LOOK[outcome]
        axes.barh(row, 2 * minutes, left=at - minutes, height=0.55, color=colour, alpha=0.25, hatch=hatch)
        axes.plot(at, row, marker="o", color=BLUE, markersize=9)
        if not pd.isna(mail):
            axes.plot(mail, row, marker="X", color="black", markersize=9)
        axes.annotate(outcome, (1.01, row), xycoords=("axes fraction", "data"), va="center", color=GREY)
    axes.plot([], [], marker="o", linestyle="", color=BLUE, label="confirmed")
    axes.plot([], [], marker="X", linestyle="", color="black", label="mail sent")
    axes.barh(0, 0, color=GREY, alpha=0.25, label=f"{minutes} minutes before and after")
    tidy(axes, x="event time (minutes after noon)", y="order")
    axes.set_yticks(range(len(table)), table.index)
    axes.invert_yaxis()
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    counts = table["outcome"].value_counts()
    told = ", ".join(f"{outcome} {counts.get(outcome, 0)}" for outcome in _LOOK)
    return View(figure, table, f"{len(table)} confirmed orders and their mails: {told}.")


def sessions_plot(sessions: pd.DataFrame, orders: pd.DataFrame, zone: str) -> View:
    """The sessions of some customers as bars, their orders as dots.

    `sessions`: `customer`, `start`, `end`, `orders`; `orders`: `customer`, `at`. Times are UTC, shown in `zone`.
    """
    figure = new_figure(height=0.5 * sessions["customer"].nunique() + 1.3)
    axes = figure.subplots()
    rows = {name: row for row, name in enumerate(sorted(sessions["customer"].unique()))}
    least = pd.Timedelta(minutes=45)  # or the session of one order could not be seen
    for _, session in sessions.iterrows():
        row, length = rows[session["customer"]], session["end"] - session["start"] + 2 * least
        axes.barh(row, length, left=session["start"] - least, height=0.5, color=SKY, hatch="//", edgecolor="white")
        middle = session["start"] + (session["end"] - session["start"]) / 2
        axes.annotate(str(session["orders"]), (middle, row), va="bottom", ha="center", xytext=(0, 14),
                      textcoords="offset points")  # fmt: skip
    for customer, at in orders.loc[orders["customer"].isin(list(rows)), ["customer", "at"]].itertuples(index=False):
        axes.plot(at, rows[customer], marker="o", color="black", markersize=4)
    tidy(axes, x=f"event time ({zone}); the numbers say how many orders a visit has", y="customer")
    axes.set_yticks(list(rows.values()), list(rows))
    axes.xaxis.set_major_locator(DayLocator(tz=zone))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%a %d, 0:00", tz=zone))  # type: ignore[no-untyped-call]
    axes.use_sticky_edges = False
    axes.margins(x=0.05, y=0.12)
    axes.invert_yaxis()
    shown = orders["customer"].isin(list(rows)).sum()
    alt = f"{len(sessions)} sessions of {len(rows)} customers, made of {shown} orders."
    return View(figure, sessions, alt)
