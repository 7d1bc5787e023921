"""The shipped week of a retailer's orders, sold by a shop on the tests' broker: what the engine is compared with."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from ecomkafka.catalogue import Catalogue
from ecomkafka.clients.reader import read
from ecomkafka.domain.windows.closing_and_lateness import UNBOUNDED
from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE

BAGS = ("22383", "23209")
"""There is half of what is asked for, so that some orders are cancelled, as in lesson 12."""

EVENTS = "orders.events"
RETAIL = load(WEEK)


@contextmanager
def sold(bootstrap: str) -> Iterator[Shop]:
    """A shop that has sold the week: every order has ended, every service has read everything. It closes no window."""
    full = RETAIL.catalogue()
    scarce = [replace(full[bag], opening=full[bag].opening // 2) for bag in BAGS]
    catalogue = Catalogue([*full.values(), *scarce])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", bootstrap)
        with Shop(catalogue=catalogue, mail=False, deadline=timedelta(hours=1), allowed_lateness=UNBOUNDED) as shop:
            shop.order_service.create_orders(
                {
                    "order_id": order.order_id,
                    "customer_id": order.customer_id,
                    "at": order.at,
                    "items": [
                        {"product_id": x.product_id, "quantity": x.quantity, "price": x.price} for x in order.lines
                    ],
                }
                for order in RETAIL.orders
            )
            for order in RETAIL.orders:
                shop.wait(order.order_id, PATIENCE)
            shop.settle(PATIENCE)
            yield shop


def shops_windows(shop):
    """The shop's own windows in which orders were created, by their start."""
    table = shop.windows()
    table = table[table["created"] > 0]
    names = ["created", "confirmed", "cancelled", "revenue", "pending", "lost", "conversion"]
    return {start.to_pydatetime(): row for start, row in table[names].to_dict("index").items()}


def events(shop):
    """Every event of `orders.events` as it is on the topic: key, bytes and their meaning."""
    return [(record.key, record.value, json.loads(record.value)) for record in read(shop.cluster, EVENTS)]


def send_again(shop, records):
    """The same bytes once more: repeated, and late by days of event time."""
    with closing(shop.cluster.producer()) as producer:
        for key, value, _ in records:
            producer.send(shop.cluster.name(EVENTS), value, key=key)
        producer.flush(timeout=PATIENCE)
    shop.settle(PATIENCE)
