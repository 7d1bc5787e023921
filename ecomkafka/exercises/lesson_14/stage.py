"""The stage of lesson 14: a stock with two writers, a changelog."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking import timed_transaction
from ecomkafka.exercises.checking.stage import SECONDS, Stage
from ecomkafka.messages import Deduct, Item, Release, Reserve, Restock

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Shelf:
    """One product's units, which more than one instance sells from."""

    def __init__(self, units: int) -> None:
        self.units = units
        self.sold: list[str] = []
        """Order ids; an id that is there twice was sold two units."""
        self.rivals: list[str] = []
        """Orders to which the other instance sells, one at each `read`, before the reader can save."""
        self._version = 0

    def read(self) -> tuple[int, int]:
        """Units that are left, and the version of this figure."""
        seen = self.units, self._version
        if self.rivals:
            self._sell(self.rivals.pop(0))
        return seen

    def _sell(self, order_id: str) -> None:
        if self.units and not self.has(order_id):
            self.save(order_id, self.units - 1)

    def has(self, order_id: str) -> bool:
        return order_id in self.sold

    def save(self, order_id: str, units: int, version: int | None = None) -> bool:
        """Set the units and note who bought; False and nothing at all if `version` is not that of the figure now."""
        if not isinstance(units, int) or units < 0:
            raise ValueError(f"units is {units!r:.40}: a whole number from 0 is allowed")
        if version is not None and version != self._version:
            return False
        self.units, self._version = units, self._version + 1
        self.sold.append(str(order_id))
        return True


LIVES = (
    ((0, "radio", 40), (1, "lamp", 7), (0, "tent", 12), (2, "boots", 3)),
    ((0, "radio", 39), (1, "lamp", None), (0, "radio", 31), (2, "boots", 2)),
    ((0, "tent", None), (2, "boots", 5), (2, "rope", 8), (0, "kayak", 1), (1, "stove", 4), (0, "tent", 11)),
    ((0, "radio", 0), (2, "rope", None), (1, "stove", 3)),
)
"""Partition, product, units. The instance dies in the last of these transactions, so that one counts for nothing."""


def write_stock(stage: Stage, topic: str, lives: Sequence[Sequence[tuple[int, str, int | None]]]) -> list[Record]:
    """Write (partition, product, units or None) to a changelog, each life in a transaction; the last one dies in it.

    Returns what a reader of committed records sees: its successor, who has taken the name over, has ended that one.
    """
    for number, entries in enumerate(lives):
        with stage.cluster.producer(transactional_id="inventory-0") as producer:
            producer.init_transactions()
            producer.begin_transaction()
            for partition, product, units in entries:
                value = None if units is None else str(units).encode()
                _send(producer, stage.cluster.name(topic), product, value, partition)
            producer.flush(timeout=SECONDS)  # the last one dies over records that lie in the log
            if number < len(lives) - 1:
                timed_transaction.commit(producer)
    with stage.cluster.producer(transactional_id="inventory-0") as successor:
        successor.init_transactions()
    return stage.read(topic)


def _send(producer: Any, topic: str, product: str, value: bytes | None, partition: int) -> None:
    producer.send(topic, key=product.encode(), value=value, partition=partition)


def day() -> list[Any]:
    """Of each of eight warehouses: two restocks, and of two orders what the saga asks for."""
    commands: list[Any] = []
    for place in (f"WH-{number:02d}" for number in range(8)):
        goods = [Item(product_id=f"{place}/{name}", quantity=9) for name in ("radio", "lamp")]
        for item in goods:
            restock = f"opening-{item.product_id}"
            commands.append(Restock(restock_id=restock, warehouse_id=place, items=(item,), at=NOW))
        for order_id, item in zip(("ORD-1", "ORD-2"), goods, strict=True):
            commands.append(Reserve(order_id=order_id, warehouse_id=place, items=(item,), at=NOW))
        commands.append(Deduct(order_id="ORD-1", warehouse_id=place, at=NOW))
        commands.append(Release(order_id="ORD-2", warehouse_id=place, at=NOW))
    return commands
