"""The figures of lessons 04 and 05: orders as folds over the log, and read models beside that log."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from ecomkafka.clients.record import Record
from ecomkafka.domain.order import Event, Status, fold
from ecomkafka.views.view import BLACK, DASHES, GREY, HATCHES, MARKERS, PALETTE, View, new_figure, tidy

_LOOK: dict[Status, dict[str, Any]] = {
    Status.PENDING: {"color": PALETTE[1], "hatch": HATCHES[1]},
    Status.CONFIRMED: {"color": PALETTE[0], "hatch": HATCHES[0]},
    Status.CANCELLED: {"color": PALETTE[3], "hatch": HATCHES[3]},
}
_LANE = 0.5
"""How high a lane's bar is."""
_MARKED = 40
"""So many steps of a line have marks and ticks of their own."""
_PLATE: dict[str, Any] = {
    "textcoords": "offset points",
    "fontsize": 9,
    "bbox": {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"},
}
"""A number beside a line."""


def history_plot(records: Sequence[Record], as_of: int | None = None) -> View:
    """A lane an order: its events as they are in `records` (of orders.events), and its state from each to the next.

    `as_of` draws a line behind that many records: the shop as it was then. Table: number of the record, order, event,
    status and reason after it.
    """
    table = _lives(records)
    orders = list(dict.fromkeys(table["order"]))
    figure = new_figure(0.45 * len(orders) + 1.6)
    axes = figure.subplots()
    for lane, order in enumerate(orders):
        life = table[table["order"] == order]
        ends = [*life.index[1:], len(table) + 1]
        for number, end, status in zip(life.index, ends, life["status"], strict=True):
            axes.barh(lane, end - number, left=number, height=_LANE, edgecolor="white", **_LOOK[Status(status)])
        axes.plot(life.index, [lane] * len(life), linestyle="", marker="o", color=BLACK, markersize=5)
    if as_of is not None:
        axes.axvline(as_of + 0.5, color=BLACK, linestyle=DASHES[1], linewidth=1.5)
        axes.annotate(f"as of record {as_of}", (as_of + 0.6, -0.6), va="center", fontsize=9)
    axes.set_yticks(range(len(orders)), orders)
    axes.set_ylim(len(orders) - 0.5, -0.9)
    axes.set_xticks(range(1, len(table) + 1))
    axes.set_xlim(0.7, len(table) + 1)
    tidy(
        axes,
        title="The life of each order, folded from the log",
        x="record of orders.events, in the sequence of writing",
    )
    axes.grid(False)
    shown = [status for status in Status if str(status) in set(table["status"])]
    for status in shown:
        axes.barh(0, 0, label=str(status), edgecolor="white", **_LOOK[status])
    axes.plot([], [], linestyle="", marker="o", color=BLACK, markersize=5, label="event")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, handleheight=1.4)
    return View(figure, table, _description(table, orders))


def _lives(records: Sequence[Record]) -> pd.DataFrame:
    events: dict[str, list[Event]] = {}
    rows = []
    for record in records:
        event: Event = record.message
        life = events.setdefault(event.order_id, [])
        life.append(event)
        order = fold(life)
        assert order is not None, "a life has an event"
        rows.append((event.order_id, event.type, str(order.status), str(order.reason) if order.reason else ""))
    index = pd.RangeIndex(1, len(rows) + 1, name="record")
    return pd.DataFrame(rows, columns=["order", "event", "status", "reason"], index=index)


def _description(table: pd.DataFrame, orders: Sequence[str]) -> str:
    last = table.groupby("order")["status"].last()
    lives = "; ".join(f"{order} ends as {last[order]}" for order in orders)
    return f"Lives of {len(orders)} orders over {len(table)} records of orders.events: {lives}."


def against_log(frame: pd.DataFrame, *, y: str, title: str = "") -> View:
    """What the log says (the first column, a broad line) and what read models make of it (the others), by step.

    The index is the step and its name the label of x; `y` is what is counted, with its unit.
    """
    truth, *models = frame.columns
    return _steps(frame, models, y, title, truth)


def steps_plot(frame: pd.DataFrame, *, y: str, title: str = "") -> View:
    """Each column a line that changes at the steps of the index. A line of more than forty steps has no marks, and its
    greatest value is written at it.
    """
    return _steps(frame, list(frame.columns), y, title)


def _steps(frame: pd.DataFrame, lines: Sequence[str], y: str, title: str, truth: str | None = None) -> View:
    figure = new_figure(3.2)
    axes = figure.subplots()
    if truth is not None:
        broad: dict[str, Any] = {"color": "#BBBBBB", "linewidth": 9, "solid_capstyle": "butt"}
        axes.plot(frame.index, frame[truth].astype(float), label=truth, drawstyle="steps-post", **broad)
    few = len(frame) <= _MARKED
    looks: Any = zip(PALETTE, MARKERS, DASHES, strict=False)
    for name, (color, marker, dash) in zip(lines, looks, strict=False):
        look = {"color": color, "linestyle": dash, "marker": marker if few else ""}
        axes.plot(frame.index, frame[name].astype(float), label=name, drawstyle="steps-post", **look)
        if not few:
            top = frame[name][::-1].idxmax()  # the last one
            axes.annotate(f"{frame[name].max()}", (top, frame[name].max()), (-3, 3), ha="right", **_PLATE)
    if few:
        axes.set_xticks(frame.index)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(axes, title=title, x=str(frame.index.name), y=y)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, labelcolor=GREY)
    last = frame.iloc[-1]
    most = {name: f" (at most {frame[name].max()})" if truth is None else "" for name in frame.columns}
    ends = ", ".join(f"{name} {last[name]}{most[name]}" for name in frame.columns)
    what = f"{title or 'Line'}: {y}, by {frame.index.name}"
    return View(figure, frame, f"{what}. In the end ({frame.index[-1]}): {ends}.")


def status_bars(frame: pd.DataFrame, *, title: str = "") -> View:
    """How many orders of each status (a column each: CONFIRMED, CANCELLED …) a table has, a bar for each step."""
    figure = new_figure(0.5 * len(frame) + 1.4)
    axes = figure.subplots()
    left = pd.Series(0, index=frame.index)
    for status in frame.columns:
        look = {"height": 0.6, "edgecolor": "white", "label": status, **_LOOK[Status(status)]}
        bars = axes.barh(list(frame.index), frame[status], left=left, **look)
        numbers = [str(value) if value else "" for value in frame[status]]
        plate = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
        axes.bar_label(bars, numbers, label_type="center", bbox=plate)
        left = left + frame[status]
    axes.invert_yaxis()
    tidy(axes, title=title, x="orders")
    axes.grid(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, handleheight=1.4)
    steps = "; ".join(
        f"{step}: " + ", ".join(f"{row[status]} {status}" for status in frame.columns) for step, row in frame.iterrows()
    )
    return View(figure, frame, f"{title or 'Orders by status'}. {steps}.")
