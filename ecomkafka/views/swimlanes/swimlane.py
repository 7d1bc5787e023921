"""The figure of the course, read from the topics: an order as a swim-lane, one or two beside each other, and in words.

`diagram.py` draws it, `arrows.py` its arrows.
"""

from collections import Counter

import pandas as pd

from ecomkafka.clients import Cluster
from ecomkafka.messages import MESSAGES
from ecomkafka.shop import Shop
from ecomkafka.views.swimlanes import lanes
from ecomkafka.views.swimlanes.diagram import Diagram, height
from ecomkafka.views.swimlanes.spacing import places
from ecomkafka.views.view import View, cluster_of, new_figure

OBSERVERS = ("analytics", lanes.READ_MODEL)
TYPES = [*(str(message.__struct_config__.tag) for message in MESSAGES), "?"]
ROW, SMALL_ROW, HEAD = 0.43, 0.29, 0.75
"""Inches a record, in a small picture, and above the first."""


def swimlane(shop_or_cluster: Shop | Cluster, order_id: str, title: str = "") -> View:
    """The order's story as a sequence diagram: time goes down, every record is an arrow from who wrote it to all who
    read it, with its type, its topic:partition:offset and, where that is not 1, its attempt.

    A shaded box is one transaction. A diamond before it is the answer of the payment gateway, a step without a record
    that no abort takes back; only a shop knows it. Compensation, retries and dead letters differ in colour and dash.
    `table` is that of `lanes.table_of`. Raises LookupError if no record of the order is there.
    """
    payment = payment_of(shop_or_cluster, order_id) if isinstance(shop_or_cluster, Shop) else ""
    return drawn(lanes.rows(cluster_of(shop_or_cluster), order_id, payment), order_id, title)


def payment_of(shop: Shop, order_id: str) -> str:
    """The state of the order's charge, "APPROVED" for example; "" if no charge was asked for."""
    states = [charge.state for charge in shop.ledger.charges() if charge.order_id == order_id and charge.asked]
    return states[0] if states else ""


def drawn(table: pd.DataFrame, order_id: str, title: str) -> View:
    """The swim-lane of a table of `lanes.table_of`."""
    figure = new_figure(ROW * height(table) + HEAD)
    Diagram(figure.subplots(), table, places(table)).draw(title or f"Order {order_id}, record by record", height(table))
    return View(figure, table, describe(table, order_id))


def side_by_side(view_a: View, view_b: View) -> View:
    """Two swim-lanes beside each other, without addresses and observers: what differs is to be seen. If one has all
    lanes of the other, both have the same.

    `table` is both tables, under "left" and "right"; the words count the records that are drawn. Raises ValueError for
    other views.
    """
    for view in (view_a, view_b):
        if tuple(view.table.columns) != lanes.COLUMNS:
            raise ValueError(f"{view!r:.80} is no swim-lane: two views made by 'swimlane' are needed")
    tables = [without_observers(view.table) for view in (view_a, view_b)]
    longest = max(map(height, tables))
    stand = [places(table, small=True) for table in tables]
    if stand[0].keys() <= stand[1].keys() or stand[1].keys() <= stand[0].keys():
        stand = [places(pd.concat(tables), small=True)] * 2
    figure = new_figure(SMALL_ROW * longest + HEAD)
    for axes, table, lane_at, view in zip(figure.subplots(1, 2), tables, stand, (view_a, view_b), strict=True):
        Diagram(axes, table, lane_at, small=True).draw(view.figure.axes[0].get_title(loc="left"), longest)
    both = pd.concat({"left": view_a.table, "right": view_b.table}, names=["side", "row"])
    left, right = (
        describe(table, _order_of(view), of=len(view.table))
        for table, view in zip(tables, (view_a, view_b), strict=True)
    )
    return View(figure, both, f"Left: {left} Right: {right}")


def _order_of(view: View) -> str:
    """The order that the view's words begin with."""
    return view.alt.removeprefix("Swim-lane of ").split(",")[0]


def describe(table: pd.DataFrame, order_id: str, of: int | None = None) -> str:
    """Who wrote what, in words, without what differs from run to run: addresses, times, which warehouse was first.

    The table may be a part `of` so many records.
    """
    told = []
    for writer in lanes.LANES:
        wrote = table.loc[table["from"] == writer, ["type", "attempt"]].itertuples(index=False, name=None)
        known = sorted(wrote, key=lambda record: (TYPES.index(record[0]), record[1]))
        counts = Counter(name if attempt == 1 else f"{name} (attempt {attempt})" for name, attempt in known)
        if counts:
            types = ", ".join(name if n == 1 else f"{n} × {name}" for name, n in counts.items())
            told.append(f"{writer} writes {types}")
    shown = f"{len(table)} of {of} records shown" if of else f"{len(table)} records"
    return f"Swim-lane of {order_id}, {shown}: " + "; ".join(told) + "."


def without_observers(table: pd.DataFrame) -> pd.DataFrame:
    """The records that drive the saga: not those that only observers read, nor the observers.

    The end of an order then leads back to the order service, which reads it as well.
    """
    readers = table["to"].str.split(", ").map(lambda names: [name for name in names if name not in OBSERVERS])
    own = (table["topic"] == "orders.events") & ~readers.map(bool) & (table["from"] == "order")
    kept = table.assign(to=readers.str.join(", ").where(~own, table["from"]))
    kept = kept[readers.map(bool) | (table["topic"] == "orders.events") | (table["kind"] == "dead letter")]
    return kept.assign(transaction=kept["transaction"].rank(method="dense").astype(int))  # no number is missing
