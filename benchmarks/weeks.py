"""Orders of a retailer's file, sold again in each of so many weeks: the events, and what their windows have to be."""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ecomkafka.clients import Cluster
from ecomkafka.domain.windows.window import Window
from ecomkafka.messages import OrderConfirmed, OrderCreated, encode
from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK
from ecomkafka.streams import five_minute_windows
from ecomkafka.streams.instances import Instance

TOPIC = five_minute_windows.TOPIC
SECONDS = 300.0

Event = OrderCreated | OrderConfirmed
Figures = dict[datetime, dict[str, Any]]
"""By the start of each window, under the names of `shop.windows()`."""


def events(weeks: int = 1, file: Path = WEEK) -> Iterator[Event]:
    """All orders of a week are created, and then confirmed. `file`: else the shipped week."""
    orders = load(file).orders
    for week in range(weeks):
        placed = []
        for order in orders:
            at = order.at + timedelta(weeks=week)
            common: dict[str, Any] = {"at": at, "order_id": f"{order.order_id}-{week}", "total": order.total}
            yield OrderCreated(
                **common, customer_id=order.customer_id, lines=order.lines, warehouses=("A",), deadline=at
            )
            placed.append(OrderConfirmed(**common))
        yield from placed


def send(cluster: Cluster, events: Iterable[Event]) -> None:
    with closing(cluster.producer()) as producer:
        for event in events:
            producer.send(cluster.name(TOPIC), encode(event), key=event.order_id.encode())
        producer.flush(timeout=SECONDS)


def expected(events: Iterable[Event]) -> Figures:
    """What the shop's own windows say."""
    windows: dict[datetime, Window] = {}
    for event in events:
        window = Window.of(event)
        windows[window.start] = windows[window.start] + window if window.start in windows else window
    return of_shop(windows.values())


def of_shop(windows: Iterable[Window]) -> Figures:
    return {
        window.start: {
            "created": window.created,
            "confirmed": window.confirmed,
            "cancelled": window.cancelled,
            "revenue": window.revenue_confirmed,
            "pending": window.revenue_pending,
            "lost": window.revenue_lost,
            "conversion": window.conversion,
        }
        for window in windows
    }


def of_instances(instances: Iterable[Instance]) -> Figures:
    """What instances of Kafka Streams hold together."""
    store = {
        ("", datetime.fromisoformat(start), None): json.dumps(sums)
        for instance in instances
        for start, sums in instance.windows().items()
    }
    return five_minute_windows.figures(store)
