"""The figures of lesson 11: attempts to deliver on a time line, and how long each customer waited."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.domain.retry_policy import FAILURE
from ecomkafka.flow import DEAD_LETTERS, RETRY_TOPICS
from ecomkafka.messages import NotificationSent, SendNotification
from ecomkafka.shop import Shop
from ecomkafka.views.view import BLACK, GREY, HATCHES, PALETTE, View, cluster_of, new_figure, tidy

REQUESTS, EVENTS = "notifications.requests", "notifications.events"
FAILED, GIVEN_UP, DELIVERED = "failed", "given up", "delivered"
_LOOK = {FAILED: ("X", PALETTE[5]), GIVEN_UP: ("D", BLACK), DELIVERED: ("o", PALETTE[0])}
_BAR = 0.8


def attempts(shop_or_cluster: Shop | Cluster, order_ids: Iterable[str] | None = None) -> pd.DataFrame:
    """One row an attempt: order, customer, attempt, outcome, seconds since its request and since the first one of all.

    Read from the topics: what failed left its time in a header of the retry or of the dead letter. Raises LookupError
    if no notification was asked for.
    """
    records = read(cluster_of(shop_or_cluster), REQUESTS, *RETRY_TOPICS, DEAD_LETTERS, EVENTS)
    asked: dict[str, Record] = {}
    for record in records:
        if record.topic == REQUESTS and isinstance(record.message, SendNotification):
            asked.setdefault(record.message.order_id, record)
    wanted = {order: r for order, r in asked.items() if order_ids is None or order in set(order_ids)}
    if not wanted:
        raise LookupError("no notification was asked for: place an order first")
    first = min(request.timestamp for request in wanted.values())
    rows = [
        (order, wanted[order].message.customer_id, number, outcome, (at - wanted[order].timestamp) / 1000, at - first)
        for (order, number, outcome), at in _made(records).items()
        if order in wanted
    ]
    columns = ["order", "customer", "attempt", "outcome", "waited (s)", "at (s)"]
    table = pd.DataFrame(rows, columns=columns).sort_values(["order", "attempt"], ignore_index=True)
    table["at (s)"] /= 1000
    return table


def by_hand(made: Iterable[tuple[Any, bool, float]], last: int) -> pd.DataFrame:
    """The same table of what a `Postman` has tried: record, whether accepted, when. `last`: how many attempts.

    An order is known by its offset here. The clock starts at the first attempt, when the consumer is in its group.
    """
    made = list(made)
    begun = made[0][2]
    tried: Counter[int] = Counter()
    rows = []
    for record, accepted, when in made:
        tried[record.offset] += 1
        outcome = DELIVERED if accepted else GIVEN_UP if tried[record.offset] == last else FAILED
        customer, waited = json.loads(record.value)["customer"], when - begun
        rows.append((f"offset {record.offset}", customer, tried[record.offset], outcome, waited, waited))
    return pd.DataFrame(rows, columns=["order", "customer", "attempt", "outcome", "waited (s)", "at (s)"])


def _made(records: Iterable[Record]) -> dict[tuple[str, int, str], float]:
    """When (ms since the epoch) each attempt was made: order, number, outcome."""
    made: dict[tuple[str, int, str], float] = {}
    for record in records:
        if isinstance(record.message, NotificationSent):
            made[record.message.order_id, record.message.attempt, DELIVERED] = record.timestamp
        if not isinstance(record.message, SendNotification):
            continue
        last = record.header("attempts") if record.topic == DEAD_LETTERS else None
        for name, value in record.headers:
            if name.startswith(FAILURE) and value:
                number = name.removeprefix(FAILURE)
                when = datetime.fromisoformat(value.decode().split(" ", 1)[0]).timestamp() * 1000
                outcome = GIVEN_UP if number == last else FAILED
                made[record.message.order_id, int(number), outcome] = when
    return made


def attempts_plot(table: pd.DataFrame, title: str = "", since: str = "the first request") -> View:
    """A lane an order: from its request on it waits (a bar), and each attempt is a mark.

    `table` is from `attempts`, or from `by_hand`; `since` is the moment 0 of it.
    """
    orders = list(dict.fromkeys(table["order"]))
    figure = new_figure(0.4 * len(orders) + 1.4)
    axes = figure.subplots()
    for lane, order in enumerate(orders):
        own = table[table["order"] == order]
        asked = (own["at (s)"] - own["waited (s)"]).min()
        axes.barh(lane, own["at (s)"].max() - asked, left=asked, height=0.35, color="#DDDDDD", edgecolor=GREY)
        for _, attempt in own.iterrows():
            marker, color = _LOOK[attempt["outcome"]]
            axes.plot(attempt["at (s)"], lane, marker=marker, color=color, markersize=9, linestyle="")
    names = table.drop_duplicates("order").set_index("order")["customer"]
    axes.set_yticks(range(len(orders)), [f"{names[order]}  {order}" for order in orders])
    axes.set_ylim(len(orders) - 0.5, -0.5)
    axes.set_xlim(left=-0.02 * max(table["at (s)"].max(), 1.0))  # or a mark at zero is cut in half
    tidy(axes, title=title, x=f"seconds since {since}")
    axes.barh(0, 0, height=0.35, color="#DDDDDD", edgecolor=GREY, label="waits")
    for outcome in (FAILED, GIVEN_UP, DELIVERED):
        marker, color = _LOOK[outcome]
        axes.plot([], [], marker=marker, color=color, markersize=9, linestyle="", label=f"attempt: {outcome}")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return View(figure, table, f"{title or 'Attempts'}: {'; '.join(_description(table, order) for order in orders)}.")


def _description(table: pd.DataFrame, order: str) -> str:
    own = table[table["order"] == order]
    return f"{own['customer'].iloc[0]} ({order}) {', '.join(own['outcome'])}"


def waiting_plot(tables: Mapping[str, pd.DataFrame], title: str = "", x: str = "seconds until the mail") -> View:
    """How long each delivered mail was waited for, by wiring: `tables` are from `attempts`, with the same customers.

    `x`: from when on was counted.
    """
    waited = {
        name: table[table["outcome"] == DELIVERED].groupby("customer")["waited (s)"].max()
        for name, table in tables.items()
    }
    frame = pd.DataFrame(waited).sort_index()
    figure = new_figure(3.2)
    axes = figure.subplots()
    height = _BAR / len(frame.columns)
    for number, name in enumerate(frame.columns):
        lanes = [lane + (number + 0.5) * height - _BAR / 2 for lane in range(len(frame))]
        look: dict[str, Any] = {
            "color": PALETTE[1 - number % 2],
            "hatch": HATCHES[(1 - number) % len(HATCHES)],
            "edgecolor": "white",
        }
        bars = axes.barh(lanes, frame[name], height=height, label=name, **look)
        axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=9)
    axes.set_yticks(range(len(frame)), list(frame.index))
    axes.set_ylim(len(frame) - 0.5, -0.5)
    tidy(axes, title=title, x=x)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    slowest = frame.max().sort_values(ascending=False, kind="stable")
    return View(figure, frame, f"Waiting time of {len(frame)} customers: longest with {slowest.index[0]}.")
