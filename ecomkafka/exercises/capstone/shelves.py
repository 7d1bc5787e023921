"""The capstone's requests, drawn from a seed, and what the shop's own rule (`domain/stock.py`) makes of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

from ecomkafka.domain import stock
from ecomkafka.messages import Item, Message, Reserve, Reserved

WAREHOUSES = {
    "WH-BERLIN": ("LAPTOP-001", "MONITOR-001", "CABLE-001"),
    "WH-LONDON": ("MOUSE-001", "KEYBOARD-001", "BATTERY-001"),
}
"""The products of each warehouse; its requests lie in the partition of its number."""

PLENTY = 1_000_000
"""Units of each warehouse's last product: no order asks for too many of it."""


class Requests:
    """Makes requests: ORD-001, ORD-002, …; the same ones for the same seed."""

    START = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._number = 0
        self.opening = {
            product: PLENTY if product == products[-1] else self._random.randint(6, 15)
            for products in WAREHOUSES.values()
            for product in products
        }

    def reserve(self, partition: int, units: dict[str, int] | None = None) -> Reserve:
        """A request for these units; without any, for something of which there is plenty."""
        warehouse, products = list(WAREHOUSES.items())[partition]
        self._number += 1
        wanted = units or {products[-1]: self._random.randint(1, 3)}
        return Reserve(
            order_id=f"ORD-{self._number:03d}",
            warehouse_id=warehouse,
            items=tuple(Item(product_id=product, quantity=count) for product, count in wanted.items()),
            at=self.START + timedelta(seconds=self._number),
        )

    def mixed(self, count: int) -> list[Reserve]:
        """Any products of any warehouse, one to three of each."""
        return [self._any() for _ in range(count)]

    def edges(self) -> list[Reserve]:
        """In each warehouse: one item there and one not, all that is left, one more."""
        made: list[Reserve] = []
        for partition, (first, second, _) in enumerate(WAREHOUSES.values()):
            some = self.opening[first]
            made += [
                self.reserve(partition, {first: 1, second: self.opening[second] + 1}),
                self.reserve(partition, {first: some}),
                self.reserve(partition, {first: 1}),
            ]
        return made

    def _any(self) -> Reserve:
        partition = self._random.randrange(len(WAREHOUSES))
        products = list(WAREHOUSES.values())[partition]
        chosen = self._random.sample(products, self._random.randint(1, len(products)))
        return self.reserve(partition, {product: self._random.randint(1, 3) for product in chosen})


def partition_of(request: Reserve) -> int:
    return list(WAREHOUSES).index(request.warehouse_id)


def partition_of_product(product: str) -> int:
    return next(number for number, products in enumerate(WAREHOUSES.values()) if product in products)


class Model:
    """What is right: the answer to each order, and what is left of each product."""

    def __init__(self, opening: dict[str, int]) -> None:
        self.opening = opening
        self.requests: dict[str, Reserve] = {}
        self.answers: dict[str, Message] = {}
        self._levels: dict[str, list[tuple[str, int]]] = {product: [] for product in opening}
        """Of each product the orders that took some, and what was left then."""
        self._stock: dict[str, stock.Entry] = {
            stock.product_key(product): stock.Product(on_hand=units) for product, units in opening.items()
        }

    def take(self, requests: Iterable[Reserve]) -> None:
        """In the sequence in which they were sent; what has been there before changes nothing."""
        for request in requests:
            if request.order_id not in self.requests:
                outcome = stock.handle(self._stock, request)
                self._stock |= outcome.changes
                self.requests[request.order_id] = request
                self.answers[request.order_id] = outcome.outputs[0]
                if isinstance(outcome.outputs[0], Reserved):
                    for item in request.items:
                        self._levels[item.product_id].append((request.order_id, self.left[item.product_id]))

    @property
    def left(self) -> dict[str, int]:
        entries = {product: self._stock[stock.product_key(product)] for product in self.opening}
        return {product: entry.available for product, entry in entries.items() if isinstance(entry, stock.Product)}

    def first_other(self, product: str, levels: list[int]) -> str:
        """The order at which these levels of the product begin to differ from the right ones."""
        for number, (order_id, right) in enumerate(self._levels[product]):
            if levels[number : number + 1] != [right]:
                return order_id
        return ""

    def left_after(self, reserved: Iterable[str]) -> dict[str, int]:
        """What would be left if these orders, and no others, had got what they asked for."""
        left = dict(self.opening)
        for order_id in reserved:
            for item in self.requests[order_id].items:
                left[item.product_id] -= item.quantity
        return left
