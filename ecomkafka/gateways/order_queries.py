"""The query side of CQRS: questions about orders, answered by SQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ecomkafka.domain.order_view import CANCELLED, CONFIRMED, PENDING, OrderRow
from ecomkafka.domain.placed_orders import Content
from ecomkafka.gateways.sql_tables import ORDER_LINES, ORDERS, open_engine
from ecomkafka.messages import Line

_COLUMNS = [ORDERS.c[name] for name in OrderRow._fields]

_AT_ONCE = 1_000
"""Orders of one query: a database takes only so many parameters."""


class ReadModelError(RuntimeError):
    """The read model can't answer or can't continue; the text gives the cause."""


class OrderQueries:
    """The orders of one namespace in the database at `url`; each method raises ReadModelError if it doesn't answer."""

    def __init__(self, url: str = "sqlite://", namespace: str = "") -> None:
        self.engine = open_engine(url)
        self.namespace = namespace

    def status(self, order_id: str) -> str | None:
        """PENDING, CONFIRMED, CANCELLED, or None for an order that is not (yet) in SQL."""
        with self._connection() as connection:
            found = connection.scalar(
                sa.select(ORDERS.c.status).where(ORDERS.c.namespace == self.namespace, ORDERS.c.order_id == order_id)
            )
        return None if found is None else str(found)

    def order(self, order_id: str) -> OrderRow | None:
        """The order, or None for one that is not (yet) in SQL."""
        query = sa.select(*_COLUMNS).where(ORDERS.c.namespace == self.namespace, ORDERS.c.order_id == order_id)
        with self._connection() as connection:
            row = connection.execute(query).first()
        return None if row is None else OrderRow(*row)

    def orders(self) -> list[OrderRow]:
        """All orders, by the time they were placed, then by id. In a DataFrame the fields are the columns."""
        query = (
            sa.select(*_COLUMNS)
            .where(ORDERS.c.namespace == self.namespace)
            .order_by(ORDERS.c.created_at, ORDERS.c.order_id)
        )
        with self._connection() as connection:
            return [OrderRow(*row) for row in connection.execute(query)]

    def lines(self, order_id: str) -> list[Line]:
        """The order's lines in sequence; empty for an order that is not in SQL."""
        table = ORDER_LINES.c
        query = (
            sa.select(table.product_id, table.quantity, table.price)
            .where(table.namespace == self.namespace, table.order_id == order_id)
            .order_by(table.line)
        )
        with self._connection() as connection:
            return [Line(product_id=p, quantity=q, price=price) for p, q, price in connection.execute(query)]

    def newest(self, count: int) -> list[str]:
        """The ids of the newest orders, the newest last."""
        query = sa.select(ORDERS.c.order_id).where(ORDERS.c.namespace == self.namespace)
        with self._connection() as connection:
            found = connection.scalars(query.order_by(ORDERS.c.created_at.desc()).limit(count))
            return [str(order_id) for order_id in found][::-1]

    def contents(self, order_ids: Sequence[str]) -> dict[str, Content]:
        """What each of the orders is; without those that are not (yet) in SQL, or whose beginning is lost."""
        with self._connection() as connection:
            parts = [order_ids[start : start + _AT_ONCE] for start in range(0, len(order_ids), _AT_ONCE)]
            rows = [row for part in parts for row in connection.execute(self._contents_of(part))]
        return {
            order_id: Content(customer_id, total, tuple((p, q, price) for *_, p, q, price in lines))
            for (order_id, customer_id, total), lines in groupby(rows, key=lambda row: tuple(row[:3]))
        }

    def _contents_of(self, order_ids: Sequence[str]) -> sa.Select[Any]:
        order, line = ORDERS.c, ORDER_LINES.c
        return (
            sa.select(order.order_id, order.customer_id, order.total, line.product_id, line.quantity, line.price)
            .join(ORDER_LINES, sa.and_(line.namespace == order.namespace, line.order_id == order.order_id))
            .where(order.namespace == self.namespace, order.order_id.in_(order_ids), order.customer_id.is_not(None))
            .order_by(order.order_id, line.line)
        )

    def counts(self) -> dict[str, int]:
        """Number of orders: created (all), pending, confirmed, cancelled."""
        by_status = {status: count for status, (count, _) in self._figures().items()}
        named = {"pending": PENDING, "confirmed": CONFIRMED, "cancelled": CANCELLED}
        return {"created": sum(by_status.values())} | {name: by_status.get(key, 0) for name, key in named.items()}

    def revenue(self) -> dict[str, Decimal]:
        """Money: confirmed, pending, lost (of cancelled orders)."""
        figures = self._figures()
        named = {"confirmed": CONFIRMED, "pending": PENDING, "lost": CANCELLED}
        return {name: figures.get(status, (0, Decimal("0.00")))[1] for name, status in named.items()}

    def _figures(self) -> dict[str, tuple[int, Decimal]]:
        query = (
            sa.select(ORDERS.c.status, sa.func.count(), sa.func.sum(ORDERS.c.total))
            .where(ORDERS.c.namespace == self.namespace)
            .group_by(ORDERS.c.status)
        )
        with self._connection() as connection:
            return {status: (count, total) for status, count, total in connection.execute(query)}

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise ReadModelError(
                f"the read model's database {self.engine.url}: {reason} (is the read model started?)"
            ) from error
