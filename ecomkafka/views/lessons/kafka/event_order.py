"""The figure of event order: one partition keeps an order's events in sequence, two do not."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from ecomkafka.clients.record import Record
from ecomkafka.messages import OrderCreated
from ecomkafka.views.view import BLUE, GREY, ORANGE, VERMILLION, View, new_figure, tidy


def split_plot(records: Sequence[Record], title: str = "Where each order's two events lie") -> View:
    """One column an order: a circle where its ORDER_CREATED lies, a cross where its end does, a line if they are apart.

    `records` of `orders.events`. `table`, by order: partition of created, partition of its end, split.
    """
    places: dict[str, list[int | None]] = {}
    for record in records:
        place = places.setdefault(record.message.order_id, [None, None])
        place[not isinstance(record.message, OrderCreated)] = record.partition
    table = pd.DataFrame.from_dict(places, orient="index", columns=["created", "end"]).sort_index()
    table["split"] = table["created"] != table["end"]
    figure = new_figure(2.9)
    axes = figure.subplots()
    split = table.reset_index(names="order_id").query("split")
    axes.vlines(split.index, split["created"], split["end"], color=VERMILLION, linewidth=1.4, label="in two partitions")
    across = range(len(table))
    axes.scatter(across, table["created"], s=70, facecolors="none", edgecolors=BLUE, linewidths=1.6, label="created")
    axes.scatter(across, table["end"], s=32, marker="x", color=ORANGE, linewidths=2.0, label="end")
    _decorate(axes, table, title)
    return View(figure, table, f"{len(split)} of {len(table)} orders have their events in two partitions.")


def _decorate(axes: Axes, table: pd.DataFrame, title: str) -> None:
    tidy(axes, title=title, x="order", y="partition")
    axes.set_yticks(range(int(table[["created", "end"]].max().max()) + 1))
    axes.set_xticks(range(len(table)), table.index, rotation=90, fontsize=7, color=GREY)
    axes.margins(x=0.02, y=0.15)
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
