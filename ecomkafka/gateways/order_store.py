"""The projection's store: rows and the offsets that they came from change in one SQL transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from ecomkafka.domain.order_view import OrderRow, evolve
from ecomkafka.gateways.sql_tables import METADATA, OFFSETS, ORDER_LINES, ORDERS
from ecomkafka.messages import OrderCreated, OrderEvent

_COLUMNS = [ORDERS.c[name] for name in OrderRow._fields]
_UPDATE = (
    ORDERS.update()
    .where(ORDERS.c.namespace == sa.bindparam("in_namespace"), ORDERS.c.order_id == sa.bindparam("of_order"))
    .values({name: sa.bindparam(name) for name in OrderRow._fields if name != "order_id"})
)


class MovedError(RuntimeError):
    """Another process has projected these events or reset the tables: the offsets in SQL are not the expected ones."""


class OrderStore:
    """The tables as one namespace's projection of `topic` sees them. Every method is one SQL transaction."""

    def __init__(self, engine: sa.Engine, namespace: str, topic: str) -> None:
        self.engine = engine
        self.namespace = namespace
        self.topic = topic
        self._mine = (OFFSETS.c.namespace == namespace, OFFSETS.c.topic == topic)

    def prepare(self, partitions: Iterable[int]) -> dict[int, int]:
        """Create missing tables and offsets; returns the next offset of each partition."""
        with self.engine.begin() as connection:
            METADATA.create_all(connection)
            known = self._offsets(connection)
            missing = [self._offset(partition, 0) for partition in partitions if partition not in known]
            if missing:
                connection.execute(OFFSETS.insert(), missing)
        return {partition: known.get(partition, 0) for partition in partitions}

    def offsets(self) -> dict[int, int]:
        with self.engine.connect() as connection:
            return self._offsets(connection)

    def reset(self) -> None:
        """Delete every order of the namespace: the next `prepare` starts at offset 0."""
        with self.engine.begin() as connection:
            METADATA.create_all(connection)
            # The offsets first: that is what a second writer waits for.
            for table in (OFFSETS, ORDER_LINES, ORDERS):
                connection.execute(table.delete().where(table.c.namespace == self.namespace))

    def project(self, events: Iterable[OrderEvent], moves: Mapping[int, tuple[int, int]]) -> None:
        """Apply `events` and move each partition's offset (from, to). If one isn't at from: MovedError, no change."""
        events = list(events)
        with self.engine.begin() as connection:
            for partition, (start, end) in sorted(moves.items()):  # in one order, so that two writers can't deadlock
                here = (*self._mine, OFFSETS.c.partition == partition, OFFSETS.c.next_offset == start)
                if connection.execute(OFFSETS.update().where(*here).values(next_offset=end)).rowcount != 1:
                    raise MovedError(f"{self.topic}:{partition} is not at offset {start} any more")
            self._apply(connection, events)

    def _apply(self, connection: sa.Connection, events: list[OrderEvent]) -> None:
        before = self._known(connection, {event.order_id for event in events})
        after: dict[str, OrderRow] = {}
        lines: list[dict[str, Any]] = []
        for event in events:
            old = after.get(event.order_id) or before.get(event.order_id)
            new = after[event.order_id] = evolve(old, event)
            if isinstance(event, OrderCreated) and (old is None or old.customer_id is None):
                lines += self._lines(event)
            after[event.order_id] = new
        inserts = [row._asdict() | {"namespace": self.namespace} for key, row in after.items() if key not in before]
        updates = [
            row._asdict() | {"in_namespace": self.namespace, "of_order": key}
            for key, row in after.items()
            if key in before and row != before[key]
        ]
        for statement, rows in ((ORDERS.insert(), inserts), (_UPDATE, updates), (ORDER_LINES.insert(), lines)):
            if rows:
                connection.execute(statement, rows)

    def _known(self, connection: sa.Connection, order_ids: set[str]) -> dict[str, OrderRow]:
        query = sa.select(*_COLUMNS).where(ORDERS.c.namespace == self.namespace, ORDERS.c.order_id.in_(order_ids))
        return {row.order_id: OrderRow(*row) for row in connection.execute(query)}

    def _lines(self, event: OrderCreated) -> list[dict[str, Any]]:
        return [
            {
                "namespace": self.namespace,
                "order_id": event.order_id,
                "line": number,
                "product_id": line.product_id,
                "quantity": line.quantity,
                "price": line.price,
            }
            for number, line in enumerate(event.lines, start=1)
        ]

    def _offset(self, partition: int, next_offset: int) -> dict[str, Any]:
        return {"namespace": self.namespace, "topic": self.topic, "partition": partition, "next_offset": next_offset}

    def _offsets(self, connection: sa.Connection) -> dict[int, int]:
        query = sa.select(OFFSETS.c.partition, OFFSETS.c.next_offset).where(*self._mine)
        return {partition: offset for partition, offset in connection.execute(query)}
