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


def history_plot(records: Sequence[Record], as_of: int | None = None) -> View:
    """A lane an order: its events in the order of `records` (from orders.events), and its state from each to the next.

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
    tidy(axes, title="The life of each order, folded from the log", x="record of orders.events, in the order written")
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
    figure = new_figure(3.2)
    axes = figure.subplots()
    truth, *models = frame.columns
    axes.plot(
        frame.index,
        frame[truth].astype(float),
        color="#BBBBBB",
        linewidth=9,
        label=truth,
        solid_capstyle="butt",
        drawstyle="steps-post",
    )
    looks: Any = zip(PALETTE, MARKERS, DASHES, strict=False)
    for name, (color, marker, dash) in zip(models, looks, strict=False):
        axes.plot(
            frame.index,
            frame[name].astype(float),
            color=color,
            marker=marker,
            linestyle=dash,
            label=name,
            drawstyle="steps-post",
        )
    axes.set_xticks(frame.index)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(axes, title=title, x=str(frame.index.name), y=y)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, labelcolor=GREY)
    last = frame.iloc[-1]
    ends = "; ".join(f"{name} at {last[name]}" for name in frame.columns)
    return View(figure, frame, f"{title or y} by {frame.index.name}: in the end {ends}.")
