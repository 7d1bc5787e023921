"""The inventory service: one writer for each warehouse's stock, because its requests are keyed by warehouse."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kafka.errors import KafkaError

from ecomkafka.catalogue import DEFAULT, Catalogue, Product, check_places
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.domain import stock
from ecomkafka.domain.basket import identifier, plain, shown, whole
from ecomkafka.domain.restocked import (
    Content,
    Restocked,
    check_own,
    content_of,
    is_other,
    part,
    warehouses_of,
    whole_of,
)
from ecomkafka.engine.changelog import table
from ecomkafka.engine.producer_record import Sender
from ecomkafka.engine.state import State
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import HOPS, ROUTES
from ecomkafka.logs import log
from ecomkafka.messages import MAX_UNITS, Item, Message, Reason, Restock, RollbackRequested

OPENING_TRIES = 5


class InventoryService(Worker):
    """Reserves, deducts, releases and restocks; all decisions are in `domain/stock.py`."""

    hop = HOPS["inventory"]
    state_type = stock.Entry

    def __init__(self, cluster: Cluster | Sequence[str], instance: str = "0", *, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(cluster, instance, clock=clock)
        self._sender = Sender(self.cluster, f"inventory-client-{instance}")
        self._places: dict[str, str] = {}
        """The warehouse of each product that this client has seen."""
        self._restocked, self._opened = Restocked(), False
        self._earlier: Mapping[str, frozenset[str]] = {}
        """The warehouses of each restock from before that."""

    def handle(self, record: Record, state: State) -> Sequence[Message]:
        outcome = stock.handle(state, record.message)
        for key, entry in outcome.changes.items():
            state.put(key, entry)
        return outcome.outputs

    def closed(self, value: Any) -> bool:
        return isinstance(value, stock.Reservation) and value.closed

    def handle_rollback_request(self, order_id: str, reason: Reason = Reason.ROLLED_BACK) -> None:
        """Ask the order's saga to roll the order back: its reservations are released in every warehouse.

        `reason`: ROLLED_BACK or CUSTOMER_REQUEST. The saga decides, not the warehouse: a confirmed one stays confirmed.
        The call may be repeated.
        """
        self.admits()
        order_id = identifier("order_id", order_id)
        if reason not in (Reason.ROLLED_BACK, Reason.CUSTOMER_REQUEST):
            raise ValueError(f"reason is {reason!s:.80}: ROLLED_BACK or CUSTOMER_REQUEST is allowed")
        self._sender.send([RollbackRequested(order_id=order_id, reason=reason, at=self.clock.now())])

    def restock(self, restock_id: str, units: dict[str, int], catalogue: Catalogue = DEFAULT) -> int:
        """Add `units` of products (by id) to the stock; a repeated `restock_id` has no effect.

        Returns the number of commands sent. Raises ValueError, before anything is sent, if the stock of a product is
        kept in another warehouse, or the id belongs to another restock.
        """
        self.admits()
        commands = restocks(restock_id, units, catalogue, self.clock)
        restock_id = plain(restock_id)
        check_own(restock_id, self._opened)
        self.check_places({product_id: catalogue[product_id] for product_id in units})
        content = content_of(commands)
        self._check_earlier(restock_id, content)
        with self._restocked.sending([(restock_id, frozenset(content.items()))] if commands else []):
            return self._send(commands)

    def _check_earlier(self, restock_id: str, content: Content) -> None:
        """Raise ValueError if the id belongs to another restock from before this client's time, as far as is known."""
        if restock_id not in self._earlier or restock_id in self._restocked:
            return
        requests = (record.message for record in read(self.cluster, ROUTES[Restock].topic))
        there = content_of(r for r in requests if isinstance(r, Restock) and whole_of(r.restock_id) == restock_id)
        if is_other(content, self._earlier[restock_id], there):
            raise self._restocked.refusal(restock_id)

    def check_places(self, products: Mapping[str, Product]) -> None:
        """Raise ValueError if the stock of a product is kept in another warehouse. Only products that this client has
        not seen yet are looked up: they never move.
        """
        if not products.keys() <= self._places.keys():
            self._learn(table(self.cluster, self.hop, stock.Entry))
        check_places(self._places, products)

    def _learn(self, known: Mapping[str, stock.Entry]) -> None:
        self._places = stock.places(known)
        self._earlier = warehouses_of(known)

    def _send(self, commands: Sequence[Restock]) -> int:
        self._sender.send(commands)
        self._places |= {item.product_id: command.warehouse_id for command in commands for item in command.items}
        return len(commands)

    def stock_so_far(self, catalogue: Catalogue = DEFAULT) -> dict[str, stock.Entry]:
        """The warehouses' state as the changelog has it. Raises ValueError if `catalogue` moves a product."""
        known = table(self.cluster, self.hop, stock.Entry)
        check_places(stock.places(known), catalogue)
        return known

    def open_with(self, catalogue: Catalogue = DEFAULT, known: Mapping[str, stock.Entry] | None = None) -> int:
        """Add the opening stock of each product that never had stock; returns as `restock`.

        `known`: the stock so far; None: it is looked up. A repetition changes nothing. A product whose opening stock
        has changed keeps its stock, which is logged, and so does one that is not in the catalogue any more.
        """
        if known is None:
            known = self.stock_so_far(catalogue)
        self._compare(known, catalogue)
        self._learn(known)
        self._opened = True
        there = stock.products(known)
        units = {product.product_id: product.opening for product in catalogue.values()}
        new = {product_id: opening for product_id, opening in units.items() if product_id not in there}
        restock_id = f"{stock.OPENING}-{digest(new)}" if there else stock.OPENING
        commands = restocks(restock_id, new, catalogue, self.clock)
        for _ in range(OPENING_TRIES - 1):  # a broker's first transaction takes a busy machine longer than one try
            try:
                return self._send(commands)
            except KafkaError as error:
                if not error.retriable:
                    raise
        return self._send(commands)

    def _compare(self, known: Mapping[str, stock.Entry], catalogue: Catalogue) -> None:
        openings = stock.openings(known)
        for product_id in sorted(openings.keys() & catalogue.keys()):
            had, now = openings[product_id], catalogue[product_id].opening
            if now != had:
                log.warning("⚠️ opening stock stays: restock() brings more", product=product_id, had=had, catalogue=now)
        for product_id in sorted(stock.products(known) - catalogue.keys()):
            log.warning("⚠️ not in the catalogue: its stock stays, and nobody can order it", product=product_id)

    def stop(self, timeout: float = 5.0) -> None:
        self._sender.close()
        super().stop(timeout)


def digest(product_ids: Iterable[str]) -> str:
    """A digest of the products: two shops that open with the same ones at once restock once."""
    return hashlib.sha256("\n".join(sorted(product_ids)).encode()).hexdigest()[:16]


RESTOCK_ITEMS = 500
"""Items in one RESTOCK: a record has to fit into the broker's limit."""


def restocks(restock_id: str, units: dict[str, int], catalogue: Catalogue, clock: Clock) -> list[Restock]:
    """The commands that bring `units` to the warehouses where the products live."""
    restock_id = identifier("restock_id", restock_id)
    if not hasattr(units, "items"):  # a Series of pandas is no Mapping
        raise ValueError(f"units is {shown(units)}: a dict of products is needed, for example {{'MOUSE-001': 1}}")
    wanted: dict[str, list[Item]] = {}
    for product_id, quantity in units.items():
        if product_id not in catalogue:
            raise ValueError(f"product_id is {shown(product_id)}: a product of the catalogue is needed")
        count = whole(quantity)
        if count is None or not 0 <= count <= MAX_UNITS:
            raise ValueError(
                f"{product_id}: quantity is {shown(quantity)}: a whole number from 0 to {MAX_UNITS:,} is allowed"
            )
        if count:
            item = Item(product_id=plain(product_id), quantity=count)
            wanted.setdefault(catalogue[product_id].warehouse_id, []).append(item)
    return [
        Restock(
            restock_id=identifier("restock_id", part(restock_id, start)),
            warehouse_id=warehouse_id,
            items=tuple(items[start : start + RESTOCK_ITEMS]),
            at=clock.now(),
        )
        for warehouse_id, items in sorted(wanted.items())
        for start in range(0, len(items), RESTOCK_ITEMS)
    ]
