"""The app of another team: it takes orders too, and writes them to the shop's topics by itself."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from kafka.partitioner.default import murmur2

from ecomkafka.catalogue import Catalogue
from ecomkafka.clients import Cluster
from ecomkafka.clients.transaction import Sendable, TransactionalProducer
from ecomkafka.domain.basket import by_warehouse, lines_of
from ecomkafka.domain.order import Place, decide
from ecomkafka.flow import ROUTES
from ecomkafka.messages import Message, OrderCreated, Reserve, encode
from ecomkafka.services.order import DEADLINE
from ecomkafka.topics import TOPICS


class PartnerApp:
    """`deploy` and `set_clock` are what its team can do when the shop's operator calls."""

    def __init__(self, cluster: Cluster, catalogue: Catalogue) -> None:
        self._cluster, self._catalogue = cluster, catalogue
        self._keyed, self._offset = True, timedelta(0)
        self._numbers = itertools.count(1)
        self._producer: TransactionalProducer | None = None

    def order(self, customer_id: str, items: Mapping[str, int]) -> str:
        """Place an order, {product_id: quantity}; returns its id.

        Raises KafkaError, ConnectionError or UnknownOutcomeError.
        """
        order_id, now = f"APP-{next(self._numbers):04d}", datetime.now(UTC) + self._offset
        lines = lines_of([{"product_id": name, "quantity": count} for name, count in items.items()], self._catalogue)
        wanted = by_warehouse(lines, self._catalogue)
        (created,) = decide(
            None,
            Place(
                order_id=order_id,
                customer_id=customer_id,
                lines=lines,
                warehouses=tuple(wanted),
                at=now,
                deadline=now + DEADLINE,
            ),
        )
        assert isinstance(created, OrderCreated)
        reserves = [
            Reserve(order_id=order_id, warehouse_id=warehouse_id, items=its, at=now)
            for warehouse_id, its in wanted.items()
        ]
        self._send([self._record(message, order_id) for message in (created, *reserves)])
        return order_id

    def deploy(self, keyed: bool) -> None:
        """Install the app anew: `keyed` says whether its requests to the warehouses have the warehouse as their key."""
        self._keyed = keyed

    def set_clock(self, ahead: timedelta = timedelta(0)) -> None:
        """Set the clock of the app's machine: to the right time, or `ahead` of it."""
        self._offset = ahead

    def _record(self, message: Message, order_id: str) -> Sendable:
        topic, field = ROUTES[type(message)]
        key, partition = str(getattr(message, field)).encode(), None
        if not (self._keyed or isinstance(message, OrderCreated)):
            # Without a key any partition may get it. Here it is never the right one: nobody shall depend on luck.
            count = TOPICS[topic].partitions
            key, partition = b"", (int(murmur2(key) & 0x7FFFFFFF) + 1) % count
        return self._cluster.name(topic), key, encode(message), [("correlation", order_id.encode())], partition

    def _send(self, records: Sequence[Sendable]) -> None:
        """All in one transaction; after an error the next order gets a new producer."""
        if self._producer is None:
            self._producer = TransactionalProducer(self._cluster, "app")
        try:
            self._producer.take_over()
            self._producer.begin()
            self._producer.send_all(records)
            self._producer.commit({}, None)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._producer is not None:
            self._producer.discard()
            self._producer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
