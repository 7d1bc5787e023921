"""The figures of lesson 10: rows and events of each way to write both, a transaction that is overtaken, what polling
costs, and who knows what of an order that no service directs.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import StrMethodFormatter

from ecomkafka.lessons.outbox.overtaking import Poll
from ecomkafka.views.lessons.outcomes import outcome_plot
from ecomkafka.views.view import BLACK, BLUE, GREY, ORANGE, SKY, VERMILLION, View, new_figure, tidy

BOTH, ROW_ONLY, EVENT_ONLY, NEITHER = "row and event", "row alone", "event alone", "neither"
_FATES = {BOTH: ("#C8EBDD", ""), NEITHER: ("#EEEEEE", ""), ROW_ONLY: ("#F3C1A5", "//"), EVENT_ONLY: ("#FCE3B0", "xx")}
_NOTHING = "nothing"
_KNOWN, _UNKNOWN = ("#CDE8F7", ""), ("white", "..")


def fates_plot(table: pd.DataFrame) -> View:
    """What is left of an order: a field per way to write it (index) and per situation (columns)."""
    said = "; ".join(f"{way}: {', '.join(row)}" for way, row in table.iterrows())
    return outcome_plot(table, _FATES, f"What is left in database and topic. {said}.")


def whereabouts_plot(table: pd.DataFrame, framed: tuple[str, str] | None = None) -> View:
    """What each service (index) can say about each order (columns); None: nothing. One field may have a frame."""
    words = table.fillna(_NOTHING)
    looks = {word: _KNOWN for word in words.to_numpy().ravel()} | {_NOTHING: _UNKNOWN}
    said = "; ".join(f"{name}: {', '.join(row)}" for name, row in words.iterrows())
    view = outcome_plot(words, looks, f"What each one knows of each order. {said}.")
    if framed is not None:
        corner = (list(table.columns).index(framed[1]) - 0.47, list(table.index).index(framed[0]) - 0.42)
        frame = Rectangle(corner, 0.94, 0.84, fill=False, edgecolor=VERMILLION, linewidth=2.5)
        view.figure.axes[0].add_patch(frame)
    return view


def overtaking_plot(polls: Sequence[Poll]) -> View:
    """Two transactions as bars from their id to their commit, and what each way to poll finds after each commit."""
    table = pd.DataFrame(
        [(poll.moment, poll.after_last_id, poll.unmarked) for poll in polls],
        columns=["after", "ids after the last one", "rows without a mark"],
    )
    figure = new_figure(height=3.6)
    axes = figure.subplots()
    for number, (name, begin, commit, colour) in enumerate((("Ann", 0.3, 3.3, SKY), ("Ben", 0.9, 1.6, ORANGE))):
        axes.barh(number, commit - begin, left=begin, height=0.5, color=colour, edgecolor=BLACK, linewidth=0.6)
        axes.text(begin + 0.05, number, f"id {number + 1}", va="center", fontsize=9)
        axes.text(commit + 0.05, number, "commit", va="center", fontsize=9)
        axes.text(0.2, number, f"{name}'s transaction", va="center", ha="right", fontweight="bold")
    for x, poll in zip((2.1, 4.2), polls, strict=True):
        _draw(axes, x, poll)
    for y, way in ((2.3, "relay that remembers the last id"), (3.0, "relay with marks")):
        axes.text(0.2, y, way, va="center", ha="right")
    axes.set(xlim=(-1.9, 4.8), ylim=(3.4, -0.6), yticks=[], xticks=[], xlabel="time →")
    axes.spines[["top", "right", "left"]].set_visible(False)
    said = "; ".join(
        f"after {poll.moment} {_ids(poll.after_last_id)} by the last id, {_ids(poll.unmarked)} by marks"
        for poll in polls
    )
    return View(figure, table, f"Ann's transaction gets id 1 and is committed after Ben's. A poll finds {said}.")


def _draw(axes: Axes, x: float, poll: Poll) -> None:
    axes.plot([x, x], [-0.38, 3.4], color=GREY, linestyle=":", linewidth=1.2)
    axes.text(x, -0.5, "poll", ha="center", va="center", fontsize=9, color=GREY)
    for y, ids in ((2.3, poll.after_last_id), (3.0, poll.unmarked)):
        missed = not ids
        plate = {"boxstyle": "round,pad=0.3", "facecolor": "#F3C1A5" if missed else "#C8EBDD", "edgecolor": GREY}
        axes.text(x, y, _ids(ids), ha="center", va="center", bbox=plate)


def _ids(ids: Sequence[int]) -> str:
    return "nothing" if not ids else "id " + ", ".join(map(str, ids))


def delay_plot(frame: pd.DataFrame, database: str) -> View:
    """The delay and the queries of each `way`: a row per way of `delay.COLUMNS`.

    The key of the marks is below the axis: in the plot it would look like one more measurement.
    """
    figure = new_figure(height=0.9 + 0.55 * len(frame))
    wait, load = figure.subplots(1, 2, sharey=True)
    y = range(len(frame))
    wait.hlines(y, frame["median ms"], frame["95% below ms"], color=GREY, linewidth=1.5)
    wait.plot(frame["median ms"], y, "o", color=BLUE, markeredgecolor=BLACK, markersize=9)
    wait.plot(frame["95% below ms"], y, "|", color=BLACK, markersize=12)
    for row, value in zip(y, frame["median ms"], strict=True):
        wait.text(value, row - 0.2, f"{value:,.0f} ms", ha="center", va="bottom", fontsize=9)
    wait.set(xscale="log", xlim=(1, 3 * frame["95% below ms"].max()))
    wait.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    wait.minorticks_off()
    load.barh(y, frame["queries/s"], color=VERMILLION, hatch="//", edgecolor=BLACK, height=0.6)
    for row, value in zip(y, frame["queries/s"], strict=True):
        load.text(value + 0.02 * max(1, frame["queries/s"].max()), row, f"{value:,.0f}", va="center", fontsize=9)
    load.set(xlim=(0, 1.2 * max(1, frame["queries/s"].max())))
    key = "dot: median; short line: 95% are below"
    tidy(wait, title=f"delay, on {database}", x=f"ms from the commit to Kafka (log scale)\n{key}")
    tidy(load, title="load", x="the relay's SELECTs and UPDATEs per second")
    wait.set(yticks=y, yticklabels=frame["way"], ylim=(len(frame) - 0.5, -0.7))
    ways = ", ".join(frame["way"])
    slowest, busiest = (frame["way"].iloc[frame[name].argmax()] for name in ("median ms", "queries/s"))
    text = f"Delay and queries of {ways}. The longest median delay: {slowest}; the most queries: {busiest}."
    return View(figure, frame, text)
