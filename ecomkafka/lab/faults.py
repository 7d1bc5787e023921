"""What can go wrong, on demand: crashes at named points, and the world outside slow, silent or gone.

Processes are killed and frozen by `lab/service_process.py`, brokers by `runtime/node.py`, connections by
`lab/network.py`; bad records come from `lab/data_faults.py`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psutil
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.gateways.payment import PaymentGateway, PaymentUnavailable
from ecomkafka.runtime.errors import BrokerError
from ecomkafka.runtime.node import Node
from ecomkafka.runtime.worker import Crash, Worker
from ecomkafka.services.order import OrderService

POINTS = (
    "after_poll",
    "after_handling",
    "after_effect",
    "after_produce",
    "after_offsets",
    "during_commit",
    "after_commit",
)
"""Where a crash is worth a try, in the order of the loop. `after_effect`: the mail has left, the charge was made.

`during_commit`: the broker has committed, and the worker has not heard so.
"""

_COMMIT_SECONDS = 5.0


class CrashAt:
    """The crash that `crash` has put into a worker."""

    def __init__(self, worker: Worker, point: str, times: int, after: int) -> None:
        self.happened = threading.Event()
        """Set when the worker crashes the first time."""
        self.point = point
        self._worker, self._times, self._skip = worker, times, after

    def __call__(self, point: str) -> None:
        if point != self.point or not self._times:
            return
        if self._skip:
            self._skip -= 1
            return
        self._times -= 1
        if point == "during_commit":
            self._let_the_broker_commit()
        self.happened.set()
        raise Crash(f"crashed {point}")

    def _let_the_broker_commit(self) -> None:
        producer = self._worker._loop._producer if self._worker._loop else None
        deadline = time.monotonic() + _COMMIT_SECONDS
        while producer is not None and producer.is_ending and time.monotonic() < deadline:
            time.sleep(0.001)


def crash(worker: Worker, point: str, times: int = 1, after: int = 0) -> CrashAt:
    """Let `worker` crash at `point`, the next `times` times that it comes there, after it was there `after` times.

    What a killed process leaves behind is left: an open transaction, a member that says nothing more. The worker's
    `start()`, or a new one of the same name, goes on. Raises ValueError for a point that is none.
    """
    if point not in POINTS:
        raise ValueError(f"point is {point!r:.80}: {', '.join(POINTS)} are allowed")
    worker.at = fault = CrashAt(worker, point, times, after)
    return fault


def disk_full(node: Node) -> None:
    """From now on the broker can't make any file longer, until it is started again: it ends at its next write.

    By its limit of file size; for Kafka that is as a full disk is: an IOException. Raises BrokerError if it does not
    run, NotImplementedError where the system does not let us set another process's limit (only Linux does).
    """
    if (process := node.process) is None:
        raise BrokerError(f"node {node.number} at {node.address} does not run: start it first")
    if not hasattr(process, "rlimit"):
        raise NotImplementedError(f"node {node.number}: only on Linux can its disk be made full")
    _, most = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (0, most))


@contextmanager
def mail_down(server: MailServer) -> Iterator[None]:
    """For a while nobody listens at the server's port."""
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def mail_refuses(server: MailServer, share: float = 1.0) -> Iterator[None]:
    """For a while the server answers `share` of the mails, 0 to 1, with 451."""
    before, server.failure_rate = server.failure_rate, share
    try:
        yield
    finally:
        server.failure_rate = before


@contextmanager
def mail_slow(server: MailServer, seconds: float) -> Iterator[None]:
    """For a while the server says so late that it has taken a mail; after 2 s nobody listens any more."""
    before, server.delay = server.delay, seconds
    try:
        yield
    finally:
        server.delay = before


class ForgetfulGateway:
    """Does what it is asked, and does not say so while `forgets()`."""

    def __init__(self, gateway: PaymentGateway, forgets: Callable[[], bool] = lambda: True) -> None:
        self._gateway, self._forgets = gateway, forgets

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        approved = self._gateway.charge(order_id, customer_id, amount)
        self._forget()
        return approved

    def void(self, order_id: str) -> None:
        self._gateway.void(order_id)
        self._forget()

    def _forget(self) -> None:
        if self._forgets():
            raise PaymentUnavailable("the gateway did it, and its answer was lost")


@contextmanager
def payment_forgets(service: OrderService) -> Iterator[None]:
    """For a while the gateway charges and voids, and its answer is lost."""
    before, service.payment = service.payment, ForgetfulGateway(service.payment)
    try:
        yield
    finally:
        service.payment = before


@contextmanager
def sql_gone(engine: Engine) -> Iterator[None]:
    """For a while every statement to the database fails, as if its server were away."""

    def fail(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        raise OperationalError(statement, parameters, ConnectionError("the database is away"))

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)
