"""The figure of stock: a product's stock, change by change."""

from collections.abc import Mapping
from itertools import groupby

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.messages import StockEvent
from ecomkafka.shop import Shop
from ecomkafka.views.view import BLUE, DASHES, GREEN, GREY, MARKERS, ORANGE, View, cluster_of, new_figure, tidy

WIDER = 1.5
"""By so many changes the step is longer in which a mark stands."""

LEVELS = {"on hand": BLUE, "reserved": ORANGE, "available": GREEN}


def stock_plot(
    shop_or_cluster: Shop | Cluster,
    product_id: str,
    whose: Mapping[str, str] | None = None,
    marks: Mapping[int, str] | None = None,
) -> View:
    """On hand, reserved and available (units) after each record of inventory.events about the product.

    `whose`: by order id a name to write above the changes of that order. `marks`: by number of a change, words to
    write between it and the next, which is drawn further away: what happened then and changed nothing. `table`: change
    (from 1, in the sequence of the log), type, order, on hand, reserved, available. Raises LookupError if there is no
    record about it.
    """
    rows = [
        (record.message.type, record.header("correlation"), level.on_hand, level.reserved, level.available)
        for record in read(cluster_of(shop_or_cluster), "inventory.events")
        if isinstance(record.message, StockEvent)
        for level in record.message.levels
        if level.product_id == product_id
    ]
    if not rows:
        raise LookupError(f"no record of inventory.events is about product {product_id!r:.80}")
    table = pd.DataFrame(rows, columns=["type", "order", *LEVELS])
    table.insert(0, "change", range(1, len(table) + 1))
    marks = marks or {}
    places = table["change"] + [WIDER * sum(mark < change for mark in marks) for change in table["change"]]
    figure = new_figure(3.6)
    axes = figure.subplots()
    for (level, colour), marker, dash in zip(LEVELS.items(), MARKERS, DASHES, strict=False):
        axes.plot(
            places, table[level], label=level, color=colour, linestyle=dash, drawstyle="steps-post",
            marker=marker if len(table) <= 60 else None, markersize=5,
        )  # fmt: skip
    name = _name(shop_or_cluster, product_id)
    tidy(axes, title=f"Stock of {name}", x="change: record of inventory.events about this product", y="units")
    axes.set_ylim(bottom=-0.04 * float(table[list(LEVELS)].to_numpy().max()))  # a marker at 0 is seen whole
    if whose:
        _name_changes(axes, table, places, whose)
    for change, words in marks.items():
        middle = places[change - 1] + (1 + WIDER) / 2
        axes.text(middle, axes.get_ylim()[1] / 2, words, ha="center", va="center", fontsize=9)
    if marks:
        axes.set_xticks(places, table["change"])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    last = table.iloc[-1]
    levels = ", ".join(f"{last[level]} {level}" for level in LEVELS)
    return View(figure, table, f"Stock of {name} over {len(table)} changes; at the end {levels}.")


def _name_changes(axes: Axes, table: pd.DataFrame, places: "pd.Series[float]", whose: Mapping[str, str]) -> None:
    """A band for the changes of one name that follow each other, alternately grey and white, with the name above."""
    top = 1.12 * float(table[list(LEVELS)].to_numpy().max())
    axes.set_ylim(top=top)
    names = [whose.get(order, "") for order in table["order"]]
    if table["type"][0] == "STOCK_RESTOCKED":
        names[0] = "opening"
    changes = zip(places, names, strict=True)
    for number, (name, run) in enumerate(groupby(changes, key=lambda change: change[1])):
        first, *_, last = [change for change, _ in run] * 2
        if number % 2:
            axes.axvspan(first - 0.5, last + 0.5, color=GREY, alpha=0.12, linewidth=0)
        axes.text((first + last) / 2, top, name, ha="center", va="top", fontsize=9)


def _name(shop_or_cluster: Shop | Cluster, product_id: str) -> str:
    """A shop knows what its products are called."""
    known = shop_or_cluster.catalogue.get(product_id) if isinstance(shop_or_cluster, Shop) else None
    return f"{known.name} ({product_id})" if known else product_id
