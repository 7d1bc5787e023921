"""Whether the gateway can do its work: a transaction can be made, and what was ordered can be seen."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from kafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of, read_to
from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.gateways.order_projection import TOPIC
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.order_store import OrderStore
from ecomkafka.http_api.intake import Intake
from ecomkafka.services.order import OrderService

FRESH_SECONDS = 1.0
"""Whoever asks more often gets the last answer again."""

PATIENCE_SECONDS = 5.0

BEHIND_SECONDS = 10.0
"""An event that is not in SQL after so long: not busy but stuck."""

_LOOKED_AT = 500
"""Records that are not in SQL yet, of which the oldest is looked for."""


class Readiness:
    """Asks in a thread of its own: Kafka may be slow to answer, and that is what is to be found out."""

    def __init__(self, orders: OrderService, queries: OrderQueries, intake: Intake) -> None:
        self._cluster: Cluster = orders.cluster
        self._sender, self._intake = orders.sender, intake
        self._store = OrderStore(queries.engine, queries.namespace, TOPIC)
        self._pool = ThreadPoolExecutor(1, "gateway-ready")
        self._asking = asyncio.Lock()
        self._last: tuple[float, list[str]] = (float("-inf"), [])

    async def troubles(self) -> list[str]:
        """What is wrong, in a sentence each; empty if all is well."""
        async with self._asking:
            when, found = self._last
            if time.monotonic() - when > FRESH_SECONDS:
                found = await self._ask()
                self._last = time.monotonic(), found
            return found

    async def _ask(self) -> list[str]:
        if self._intake.stalled:
            return ["Kafka takes no orders at the moment"]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._pool, self._check)
        except TimeoutError:
            return [f"Kafka or the read model has not answered for {PATIENCE_SECONDS:.0f} s"]

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _check(self) -> list[str]:
        found = []
        checks: tuple[Callable[[], None], ...] = self._sender.check, self._follow
        for check in checks:
            try:
                check()
            except (KafkaError, UnknownOutcomeError, SQLAlchemyError, OSError, LookupError, _BehindError) as error:
                found.append(" ".join(str(getattr(error, "orig", None) or error).split()))
        return found

    def _follow(self) -> None:
        """Raises if an event was not in SQL for too long."""
        offsets = self._store.offsets()
        with self._cluster.consumer() as consumer:
            partitions = partitions_of(consumer, self._cluster, TOPIC)
            starts, ends = {p: offsets.get(p.partition, 0) for p in partitions}, consumer.end_offsets(partitions)
            unseen = islice(read_to(consumer, self._cluster, starts, ends, PATIENCE_SECONDS), _LOOKED_AT)
            oldest = min((record.timestamp / 1_000 for record in unseen), default=time.time())
        if (age := time.time() - oldest) > BEHIND_SECONDS:
            raise _BehindError(f"the read model is {age:.0f} s behind")


class _BehindError(RuntimeError):
    """What was ordered can't be seen."""
