"""What the gateway does with orders, whatever the protocol: take them, find them, wait for their end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from decimal import Decimal

import msgspec
from kafka.errors import KafkaError
from litestar.response import ServerSentEventMessage

from ecomkafka.catalogue import Catalogue
from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.domain.order_view import PENDING
from ecomkafka.domain.placed_orders import OtherOrderError
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.http_api.idempotency import HEADER, is_repetition, order_id_of, other_order
from ecomkafka.http_api.intake import Intake, OverloadedError
from ecomkafka.http_api.limits import Limits
from ecomkafka.http_api.order_form import OrderForm
from ecomkafka.http_api.problems import unavailable
from ecomkafka.http_api.saga_stream import follow
from ecomkafka.messages import Line
from ecomkafka.services.order import OrderService

PAUSES = (0.02, 0.25)
"""Seconds between two looks at an order whose end is waited for: the first, and the longest; each is twice the last."""

STALLED_SECONDS = 5
"""When Kafka takes no orders: so long a client should stay away."""

UNKNOWN_CIRCUIT = "unknown"
"""The order service, which has the payment's circuit breaker, is another process."""


class OrderView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order as its client sees it. Only `order_id` and `status` are there until the read model has heard of it."""

    order_id: str
    status: str
    """PENDING, CONFIRMED or CANCELLED."""
    reason: str | None = None
    customer_id: str | None = None
    total: Decimal | None = None
    lines: tuple[Line, ...] = ()
    created_at: datetime | None = None


class OrderDesk:
    """One for the gateway; used on its event loop. What may block is done in other threads."""

    def __init__(
        self,
        orders: OrderService,
        queries: OrderQueries,
        limits: Limits,
        is_closing: Callable[[], bool],
        circuit: Callable[[], str],
    ) -> None:
        self.catalogue: Catalogue = orders.catalogue
        self.intake = Intake(orders.create_orders, limits.queue, limits.patience)
        self.is_closing, self.circuit = is_closing, circuit
        self._orders, self._queries, self._limits = orders, queries, limits
        self.waiting = 0
        """Clients who wait for an answer of `find`."""
        self._streams = 0

    async def place(self, form: OrderForm, client: str, key: str | None, caller: str | None = None) -> str:
        """The order's id, once the order is in Kafka; `caller`: the trace that it continues (traceparent).

        Raises problem details if it is not placed, or may not be.
        """
        order_id = order_id_of(client, key)
        if key is not None and await asyncio.to_thread(self._is_known, order_id, form):
            return order_id
        try:
            await self.intake.place(form.request(order_id, caller))
        except OtherOrderError:
            raise other_order() from None
        except OverloadedError as error:
            seconds = STALLED_SECONDS if self.intake.stalled else 1
            raise unavailable(f"{error}: the order was not placed", seconds) from None
        except (TimeoutError, UnknownOutcomeError):
            repeat = f"repeat it with its {HEADER}" if key else f"with an {HEADER} it could be repeated safely"
            raise unavailable(f"whether the order was placed is not known: {repeat}", STALLED_SECONDS) from None
        except (KafkaError, ConnectionError):
            raise unavailable("Kafka has not taken the order: it was not placed", STALLED_SECONDS) from None
        return order_id

    def _is_known(self, order_id: str, form: OrderForm) -> bool:
        """Whether the read model has this very order. Raises 422 if it has another one of that id."""
        row = self._queries.order(order_id)
        if row is not None and not is_repetition(form, row, self._queries.lines(order_id)):
            raise other_order()
        return row is not None

    async def follow(self, order_id: str, placed: datetime | None) -> AsyncIterator[ServerSentEventMessage]:
        """The order's saga as it happens."""
        self._streams += 1
        try:
            async for event in follow(self._orders.cluster, order_id, placed, self.is_closing):
                yield event
        finally:
            self._streams -= 1

    def check_streams(self) -> None:
        """Raises 503 if as many look on already as may."""
        if self._streams >= self._limits.streams:
            raise unavailable(f"{self._limits.streams} clients follow their orders already", STALLED_SECONDS)

    async def find(self, order_id: str, seconds: float = 0) -> OrderView | None:
        """The order as it is known; with `seconds` as soon as it has ended, but then at the latest.

        Where too many wait already the answer is given at once.
        """
        if self.waiting >= self._limits.waiting:
            seconds = 0
        self.waiting += 1
        try:
            return await self._await_end(order_id, seconds)
        finally:
            self.waiting -= 1

    async def _await_end(self, order_id: str, seconds: float) -> OrderView | None:
        now = asyncio.get_running_loop().time
        deadline, pause = now() + seconds, PAUSES[0]
        while True:
            found = await asyncio.to_thread(self._find, order_id)
            left = deadline - now()
            if left <= 0 or self.is_closing() or (found is not None and found.status != PENDING):
                return found
            await asyncio.sleep(min(pause, left))
            pause = min(2 * pause, PAUSES[1])

    def _find(self, order_id: str) -> OrderView | None:
        row = self._queries.order(order_id)
        if row is None:
            return OrderView(order_id, PENDING) if self._orders.has_placed(order_id) else None
        return OrderView(
            order_id=row.order_id,
            status=row.status,
            reason=row.reason,
            customer_id=row.customer_id,
            total=row.total,
            lines=tuple(self._queries.lines(order_id)),
            created_at=row.created_at,
        )
