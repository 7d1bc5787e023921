"""The figure of stock: a product's stock, change by change."""

import pandas as pd
from matplotlib.ticker import MaxNLocator

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.messages import StockEvent
from ecomkafka.shop import Shop
from ecomkafka.views.view import BLUE, DASHES, GREEN, MARKERS, ORANGE, View, cluster_of, new_figure, tidy

LEVELS = {"on hand": BLUE, "reserved": ORANGE, "available": GREEN}


def stock_plot(shop_or_cluster: Shop | Cluster, product_id: str) -> View:
    """On hand, reserved and available (units) after each record of inventory.events that tells of the product.

    `table`: change (from 1, in the order of the log), type, order, on hand, reserved, available. Raises LookupError
    if no record tells of it.
    """
    rows = [
        (record.message.type, record.header("correlation"), level.on_hand, level.reserved, level.available)
        for record in read(cluster_of(shop_or_cluster), "inventory.events")
        if isinstance(record.message, StockEvent)
        for level in record.message.levels
        if level.product_id == product_id
    ]
    if not rows:
        raise LookupError(f"no record of inventory.events tells of product {product_id!r:.80}")
    table = pd.DataFrame(rows, columns=["type", "order", *LEVELS])
    table.insert(0, "change", range(1, len(table) + 1))
    figure = new_figure(3.6)
    axes = figure.subplots()
    for (level, colour), marker, dash in zip(LEVELS.items(), MARKERS, DASHES, strict=False):
        axes.plot(
            table["change"], table[level], label=level, color=colour, linestyle=dash, drawstyle="steps-post",
            marker=marker if len(table) <= 60 else None, markersize=5,
        )  # fmt: skip
    name = _name(shop_or_cluster, product_id)
    tidy(axes, title=f"Stock of {name}", x="record of inventory.events about it", y="units")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    last = table.iloc[-1]
    told = ", ".join(f"{last[level]} {level}" for level in LEVELS)
    return View(figure, table, f"Stock of {name} over {len(table)} changes; at the end {told}.")


def _name(shop_or_cluster: Shop | Cluster, product_id: str) -> str:
    """A shop knows what its products are called."""
    known = shop_or_cluster.catalogue.get(product_id) if isinstance(shop_or_cluster, Shop) else None
    return f"{known.name} ({product_id})" if known else product_id
