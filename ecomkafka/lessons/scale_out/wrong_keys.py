"""An inventory with the wrong key, seen overselling: compare `flow.py` and `services/inventory.py`.

Requests are keyed by order, so those for one product reach every instance; and each instance has its own idea of the
stock, read at its start. Alone it is right. Beside a second one each of them sells the whole stock, although both
follow the same rules (`domain/stock.py`), in transactions, exactly once.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ecomkafka.catalogue import DEFAULT, Catalogue
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.domain import stock
from ecomkafka.engine.state import State
from ecomkafka.flow import HOPS, ROUTES, Route
from ecomkafka.messages import Deduct, Message, OrderConfirmed, OrderCreated, Release, Reserve
from ecomkafka.services.inventory import InventoryService


@contextmanager
def keyed_by_order() -> Iterator[None]:
    """Inside, requests to the inventory are keyed by order: in this whole process, so let no other shop run in it."""
    right = dict(ROUTES)
    for command in (Reserve, Deduct, Release):
        ROUTES[command] = Route("inventory.requests", key="order_id")
    try:
        yield
    finally:
        ROUTES.update(right)


class OwnStock(InventoryService):
    """An instance that goes by the stock it found at its start: no changelog, and nobody tells it what others sell."""

    hop = replace(HOPS["inventory"], changelog=None)

    def __init__(self, cluster: Cluster, instance: str, catalogue: Catalogue = DEFAULT) -> None:
        super().__init__(cluster, instance)
        self._stock: dict[str, stock.Entry] = {
            stock.product_key(product.product_id): stock.Product(on_hand=product.opening)
            for product in catalogue.values()
        }

    def handle(self, record: Record, state: State) -> tuple[Message, ...]:
        outcome = stock.handle(self._stock, record.message)
        self._stock |= outcome.changes
        return outcome.outputs


def units_sold(cluster: Cluster) -> Counter[str]:
    """Units of each product in confirmed orders: what customers were promised."""
    events = [record.message for record in read(cluster, "orders.events") if record.message]
    confirmed = {event.order_id for event in events if isinstance(event, OrderConfirmed)}
    orders = {event.order_id: event for event in events if isinstance(event, OrderCreated)}
    sold: Counter[str] = Counter()
    for order_id in confirmed & orders.keys():
        for line in orders[order_id].lines:
            sold[line.product_id] += line.quantity
    return sold
