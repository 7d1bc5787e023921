"""The figure of saga states: when each order was in which state, by the timestamps of its records."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd
from matplotlib.figure import Figure

from ecomkafka import messages as m
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.flow import CODECS
from ecomkafka.shop import Shop
from ecomkafka.views.view import BLUE, GREEN, HATCHES, ORANGE, SKY, View, cluster_of, new_figure, tidy

STATES = {"reserving": ORANGE, "deciding": SKY, "closing": BLUE, "telling": GREEN}
"""Until the last warehouse has answered; until the order has ended; until stock is deducted or released; until the
customer is told."""

END_OF: tuple[tuple[str, tuple[type[m.Message], ...]], ...] = (
    ("reserving", (m.Reserved, m.InsufficientStock)),
    ("deciding", (m.OrderConfirmed, m.OrderCancelled)),
    ("closing", (m.StockDeducted, m.StockReleased)),
    ("telling", (m.NotificationSent, m.NotificationFailed)),
)
COLUMNS = ("order", "state", "from ms", "to ms", "end")


def timeline(shop_or_cluster: Shop | Cluster, order_ids: Iterable[str] | None = None) -> View:
    """A bar for each order, cut into the states of its saga; time in ms since the first record of those shown.

    `order_ids`: None takes all. `table` has one row for each order and state it was in; `end` is CONFIRMED, CANCELLED
    or PENDING; a state that has not ended lasts until the last record of those shown. Raises LookupError for an order
    that is not there.
    """
    times = _times(cluster_of(shop_or_cluster))
    chosen = list(times) if order_ids is None else list(order_ids)
    if unknown := [order_id for order_id in chosen if order_id not in times]:
        raise LookupError(f"no ORDER_CREATED of {', '.join(unknown)}: place the order before it is drawn")
    start = min((times[order_id][m.OrderCreated] for order_id in chosen), default=0)
    now = max((at for order_id in chosen for at in times[order_id].values()), default=0)
    rows = [row for order_id in chosen for row in _states(order_id, times[order_id], start, now)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    ends = table.groupby("order", sort=False)["end"].first()
    counted = ", ".join(f"{n} {end}" for end, n in sorted(ends.value_counts().items()))
    return View(_draw(table, ends), table, f"Saga states over time of {len(ends)} orders: {counted or 'none'}.")


def _times(cluster: Cluster) -> dict[str, dict[type[m.Message], int]]:
    """For each order, when the last record of each type was written (of ORDER_CREATED the first)."""
    times: dict[str, dict[type[m.Message], int]] = {}
    for record in read(cluster, *CODECS):
        if record.message is not None:
            of_order = times.setdefault(str(record.header("correlation")), {})
            pick = min if isinstance(record.message, m.OrderCreated) else max
            kind = type(record.message)
            of_order[kind] = pick(of_order.get(kind, record.timestamp), record.timestamp)
    created = {order_id: of for order_id, of in times.items() if m.OrderCreated in of}
    return dict(sorted(created.items()))


def _states(order_id: str, times: Mapping[type[m.Message], int], start: int, now: int) -> Iterator[tuple[object, ...]]:
    """The states the order was in, one after the other; what has not ended yet lasts until `now`."""
    end = "CONFIRMED" if m.OrderConfirmed in times else "CANCELLED" if m.OrderCancelled in times else "PENDING"
    since, open_state = times[m.OrderCreated], END_OF[0][0]
    for number, (state, kinds) in enumerate(END_OF):
        reached = [times[kind] for kind in kinds if kind in times]
        if reached:
            if max(reached) >= since:  # else it was over before the one in front of it: told before the goods were free
                yield order_id, state, since - start, max(reached) - start, end
                since = max(reached)
            open_state = END_OF[number + 1][0] if number + 1 < len(END_OF) else ""
    if open_state:
        yield order_id, open_state, since - start, now - start, end


def _draw(table: pd.DataFrame, ends: pd.Series) -> Figure:
    figure = new_figure(1.6 + 0.28 * len(ends))
    axes = figure.subplots()
    places = {order_id: number for number, order_id in enumerate(ends.index)}
    for (state, colour), hatch in zip(STATES.items(), HATCHES, strict=False):
        part = table[table["state"] == state]
        axes.barh(
            part["order"].map(places), part["to ms"] - part["from ms"], left=part["from ms"], height=0.7,
            color=colour, hatch=hatch, edgecolor="white", label=state,
        )  # fmt: skip
    axes.set_yticks(list(places.values()), [f"{order_id}  {end}" for order_id, end in ends.items()], fontsize=8)
    axes.invert_yaxis()
    tidy(axes, title="Each order's saga", x="ms since the first record")
    axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.25), frameon=False)
    return figure
