"""A bounded queue of orders on their way to Kafka: all that wait in it are sent in one transaction.

A transaction costs the same for one order as for a hundred, so the more come at once the cheaper each becomes. A queue
without a bound would answer everybody, and each too late; this one refuses the order that it could not serve in time.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from kafka.errors import KafkaError

from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.domain.placed_orders import OtherOrderError
from ecomkafka.logs import log

BATCH = 200
"""Orders of one transaction at most."""

STALL_SECONDS = 3.0
"""Kafka has not taken a transaction for so long: new orders are refused until it does."""

CLOSE_SECONDS = 5.0
PAUSE_SECONDS = 0.1

Request = Mapping[str, Any]
Create = Callable[[Sequence[Request]], object]
"""Places orders, all or none: `OrderService.create_orders`."""


class OverloadedError(RuntimeError):
    """No more orders now; the text says why."""


class _Waiting(NamedTuple):
    request: Request
    placed: "Future[None]"


class Intake:
    """Thread-safe. What was placed is in Kafka; what was refused, or came too late, is not, and never will be."""

    def __init__(self, create_orders: Create, capacity: int, patience: float) -> None:
        self._create_orders, self._capacity, self._patience = create_orders, capacity, patience
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="gateway-intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Take no more orders, and place those that wait. Raises TimeoutError if Kafka does not take them."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            raise TimeoutError(f"Kafka has not taken the last orders for {CLOSE_SECONDS:.0f} s")

    @property
    def length(self) -> int:
        """How many orders wait."""
        return len(self._waiting)

    @property
    def stalled(self) -> bool:
        """Whether Kafka has taken no orders for some time, though there were some."""
        since = self._busy_since
        return since is not None and time.monotonic() - since > STALL_SECONDS

    async def place(self, request: Request) -> None:
        """Returns when the order is in Kafka. Raises TimeoutError or UnknownOutcomeError if it may be; OverloadedError,
        OtherOrderError, KafkaError or ConnectionError if it is not and will not be.
        """
        placed = self._submit(request)
        try:
            await asyncio.wait_for(asyncio.wrap_future(placed), self._patience)
        except TimeoutError:
            # Nobody would hear of it any more, so it leaves the queue, unless it is on its way already.
            if placed.cancel():
                raise OverloadedError(f"the order has waited for {self._patience:g} s") from None
            raise

    def _submit(self, request: Request) -> "Future[None]":
        with self._changed:
            if self._closing:
                raise OverloadedError("the gateway is closing")
            if self.stalled:
                raise OverloadedError("Kafka takes no orders at the moment")
            if len(self._waiting) >= self._capacity:
                raise OverloadedError(f"{self._capacity:,} orders wait already")
            waiting = _Waiting(request, Future())
            self._waiting.append(waiting)
            self._changed.notify()
        return waiting.placed

    def _run(self) -> None:
        while batch := self._next():
            self._busy_since = time.monotonic()
            try:
                self._place([waiting for waiting in batch if waiting.placed.set_running_or_notify_cancel()])
            finally:
                self._busy_since = None

    def _next(self) -> list[_Waiting]:
        """What waits, at most a batch of it. Empty only when the gateway closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _place(self, batch: Sequence[_Waiting]) -> None:
        try:
            self._send([waiting.request for waiting in batch])
        except OtherOrderError as error:
            if len(batch) == 1:
                batch[0].placed.set_exception(error)
                return
            half = len(batch) // 2  # the one that is refused must not stop the others
            self._place(batch[:half])
            self._place(batch[half:])
        except Exception as error:  # noqa: BLE001 - every client hears of it, and this thread has to go on
            log.warning("⚠️ orders not placed", service="gateway", orders=len(batch), error=str(error))
            for waiting in batch:
                waiting.placed.set_exception(error)
        else:
            for waiting in batch:
                waiting.placed.set_result(None)

    def _send(self, requests: Sequence[Request]) -> None:
        """As often as it takes to know: an order that is sent again with its id is the same order."""
        deadline = time.monotonic() + self._patience
        unknown: UnknownOutcomeError | None = None
        while unknown is None or time.monotonic() < deadline:
            try:
                self._create_orders(requests)
                return
            except UnknownOutcomeError as error:
                unknown = error
            except (KafkaError, ConnectionError):
                if unknown is None:
                    raise
                time.sleep(PAUSE_SECONDS)  # this time they were not placed; the time before they may have been
        raise unknown
