"""The shipped week of a retailer's orders, sold by a shop on the tests' broker: what the engine is compared with."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from ecomkafka.clients.reader import read
from ecomkafka.lessons.streams.retail_week import sell
from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE

EVENTS = "orders.events"
RETAIL = load(WEEK)


@contextmanager
def sold(bootstrap: str) -> Iterator[Shop]:
    """A shop that has sold the week: every order has ended, every service has read everything. It closes no window."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", bootstrap)
        with sell(RETAIL, PATIENCE) as shop:
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
