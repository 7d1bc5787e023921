"""Faults outside Kafka on demand: mail, payment, SQL or a broker's disk is slow, silent or gone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psutil
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from ecomkafka.broker.node import Node
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.gateways.payment import PaymentGateway, PaymentUnavailable
from ecomkafka.machine.errors import BrokerError
from ecomkafka.services.order import OrderService


def disk_full(node: Node, largest: int = 0) -> None:
    """Let no file of the broker grow beyond `largest` bytes until its restart: it ends at the next write that would.

    By its limit of file size; for Kafka that is as a full disk is: an IOException. Raises BrokerError if it does not
    run, NotImplementedError where the system does not let us set another process's limit (only Linux does).
    """
    if (process := node.process) is None:
        raise BrokerError(f"node {node.number} at {node.address} does not run: start it first")
    if not hasattr(process, "rlimit"):
        raise NotImplementedError(f"node {node.number}: only on Linux can its disk be made full")
    _, most = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (largest, most))


@contextmanager
def mail_down(server: MailServer) -> Iterator[None]:
    """Close the server's port during the block."""
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def mail_refuses(server: MailServer, share: float = 1.0) -> Iterator[None]:
    """Let the server answer `share` of the mails, 0 to 1, with 451 during the block."""
    before, server.failure_rate = server.failure_rate, share
    try:
        yield
    finally:
        server.failure_rate = before


@contextmanager
def mail_slow(server: MailServer, seconds: float) -> Iterator[None]:
    """Let the server accept mails and answer late during the block; after 2 s the client no longer waits."""
    before, server.delay = server.delay, seconds
    try:
        yield
    finally:
        server.delay = before


class ForgetfulGateway:
    """A gateway that charges and voids, and loses its answers while `forgets()`."""

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
    """Let the gateway charge and void, and lose its answers, during the block."""
    before, service.payment = service.payment, ForgetfulGateway(service.payment)
    try:
        yield
    finally:
        service.payment = before


class SlowGateway:
    """A gateway that takes `seconds` to answer."""

    def __init__(self, gateway: PaymentGateway, seconds: float) -> None:
        self._gateway, self._seconds = gateway, seconds

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        time.sleep(self._seconds)
        return self._gateway.charge(order_id, customer_id, amount)

    def void(self, order_id: str) -> None:
        time.sleep(self._seconds)
        self._gateway.void(order_id)


@contextmanager
def payment_slow(service: OrderService, seconds: float) -> Iterator[None]:
    """Let the gateway take `seconds` to charge and to void during the block; the service waits for it."""
    before, service.payment = service.payment, SlowGateway(service.payment, seconds)
    try:
        yield
    finally:
        service.payment = before


@contextmanager
def sql_gone(engine: Engine) -> Iterator[None]:
    """Let every statement to the database fail during the block, as if its server were down."""

    def fail(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        raise OperationalError(statement, parameters, ConnectionError("the database is away"))

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)
