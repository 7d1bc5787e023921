"""The panels' feed: one reader of all the shop's topics, which keeps the newest records."""

import threading
import time
from collections import Counter, OrderedDict, deque
from heapq import nlargest
from typing import Any

from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.domain.order_view import OrderRow, evolve
from ecomkafka.flow import CODECS, DEAD_LETTERS
from ecomkafka.invariants.witness import Witness
from ecomkafka.messages import Level, OrderEvent, StockEvent

ORDERS = 2_000
"""Of so many orders, the last ones to begin, the rows and records are kept."""

_RECORDS = 200
"""Of one order: a poisoned or replayed one may have any number."""

_RATE_SECONDS = 5


class Feed:
    """Keeps up with the shop in one thread, a `Witness`'s, and in bounded memory. Thread-safe."""

    def __init__(self, cluster: Cluster) -> None:
        self.witness = Witness(cluster, on_record=self._take)
        self._lock = threading.Lock()
        self._orders: OrderedDict[str, OrderRow] = OrderedDict()
        self._records: OrderedDict[str, list[Record]] = OrderedDict()
        self._stock: dict[str, tuple[int, Level]] = {}
        self._counts: Counter[str] = Counter()
        self._seconds: deque[tuple[int, Counter[str]]] = deque(maxlen=_RATE_SECONDS + 1)
        self._dead: set[str] = set()
        self._letter_news = 0
        self._news = 0

    @property
    def trouble(self) -> Exception | None:
        """Why there may be news that it does not know."""
        return self.witness.trouble

    @property
    def version(self) -> int:
        """Grows with every record: a panel that drew this one has nothing to do."""
        return self._news

    @property
    def letters_version(self) -> int:
        """Grows when there may be news of dead letters: a new one, a mark, an event of an order that has one."""
        return self._letter_news

    def orders(self, last: int) -> list[OrderRow]:
        """The rows of the last orders, the newest first: partitions are read in turn, so not as they came."""
        with self._lock:
            return nlargest(last, self._orders.values(), key=lambda row: row.created_at)

    def records(self, order_id: str) -> list[Record]:
        """The order's records as they were read; empty if it is none of the last ORDERS."""
        with self._lock:
            return list(self._records.get(order_id, ()))

    def levels(self) -> dict[str, Level]:
        """Each product's stock, as the newest inventory event tells."""
        with self._lock:
            return {product_id: level for product_id, (_, level) in self._stock.items()}

    def available(self) -> dict[str, int]:
        """Units of each product that can be ordered."""
        return {product_id: level.available for product_id, level in self.levels().items()}

    def counts(self) -> dict[str, int]:
        """Records read, by topic."""
        with self._lock:
            return {topic: self._counts[topic] for topic in CODECS}

    def rates(self) -> dict[str, float]:
        """Records a second by topic, over the last five whole seconds."""
        now = int(time.monotonic())
        with self._lock:
            recent = [counts for second, counts in self._seconds if now - _RATE_SECONDS <= second < now]
            return {topic: sum(counts[topic] for counts in recent) / _RATE_SECONDS for topic in CODECS}

    def _take(self, record: Record) -> None:
        with self._lock:
            self._count(record.topic)
            self._letter_news += record.topic == DEAD_LETTERS
            message = record.message
            if message is None:
                return
            if order_id := getattr(message, "order_id", None):
                self._keep(order_id, record)
            if isinstance(message, OrderEvent):
                self._orders[message.order_id] = evolve(self._orders.get(message.order_id), message)
                _forget(self._orders)
            elif isinstance(message, StockEvent):
                for level in message.levels:
                    if self._stock.get(level.product_id, (-1,))[0] < message.version:
                        self._stock[level.product_id] = (message.version, level)

    def _count(self, topic: str) -> None:
        second = int(time.monotonic())
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append((second, Counter()))
        self._seconds[-1][1][topic] += 1
        self._counts[topic] += 1
        self._news += 1

    def _keep(self, order_id: str, record: Record) -> None:
        records = self._records.setdefault(order_id, [])
        if len(records) < _RECORDS:
            records.append(record)
        if record.topic == DEAD_LETTERS:
            self._dead.add(order_id)
        self._letter_news += order_id in self._dead
        _forget(self._records)


def _forget(table: OrderedDict[str, Any]) -> None:
    if len(table) > ORDERS:
        table.popitem(last=False)
