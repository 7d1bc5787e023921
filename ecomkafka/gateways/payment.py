"""The payment gateway, outside Kafka: charge and void may be repeated, since the order's id makes them idempotent."""

import hashlib
import sqlite3
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

import pybreaker

from ecomkafka.domain.basket import real, shown
from ecomkafka.domain.payment_states import Payment, charged, voided
from ecomkafka.messages import check_money

DECLINED_CUSTOMERS = "declined-"
"""Prefix of a customer's id whose payments are declined, as with a card scheme's test cards."""

BUSY_SECONDS = 2.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS charges (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    amount TEXT NOT NULL,
    state TEXT NOT NULL,
    asked INTEGER NOT NULL
) WITHOUT ROWID
"""
# One statement, so that of two who ask at once, in whatever process, the first decides and both get its answer.
# `charged` and `voided` are the rules of domain/payment_states.py: SQLite calls them.
_CHARGE = """
INSERT INTO charges VALUES (?, ?, ?, charged(NULL, ?), 1)
ON CONFLICT (order_id) DO UPDATE SET state = charged(state, excluded.state = 'APPROVED'), asked = asked + 1
RETURNING state
"""
_VOID = """
INSERT INTO charges VALUES (?, '', '0', voided(NULL), 0)
ON CONFLICT (order_id) DO UPDATE SET state = voided(state)
"""


class PaymentUnavailable(Exception):
    """The gateway gave no answer: the charge may have been made. Ask again with the same order id, or void it."""


class PaymentGateway(Protocol):
    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        """True: approved, False: declined. `order_id` is the idempotency key: asked again, it gives the first answer.

        Raises PaymentUnavailable if the outcome is unknown.
        """

    def void(self, order_id: str) -> None:
        """Void the charge. A charge that arrives after its void is declined. May be repeated.

        Raises PaymentUnavailable if the outcome is unknown.
        """


class Charge(NamedTuple):
    """`state`: APPROVED, DECLINED or VOIDED; `asked`: how many times the charge was asked for."""

    order_id: str
    customer_id: str
    amount: Decimal
    state: str
    asked: int


class LedgerGateway:
    """A gateway with a ledger in SQLite: with a path, processes share it, and it outlives those that are killed.

    `decline_rate`: the share of orders, 0 to 1, that is declined: which ones depends on `seed` and their ids alone.
    It may be set at any time: an order that was answered keeps its answer.
    Thread-safe. Raises PaymentUnavailable if the ledger can't be opened.
    """

    def __init__(self, path: Path | None = None, *, decline_rate: float = 0.0, seed: int = 0) -> None:
        self.decline_rate, self._seed = decline_rate, seed
        self._lock = threading.Lock()
        try:
            self._ledger = sqlite3.connect(
                path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            raise PaymentUnavailable(f"the ledger {path} can't be opened: {error}") from error
        try:
            self._set_up()
        except BaseException:
            self.close()
            raise

    @property
    def decline_rate(self) -> float:
        return self._decline_rate

    @decline_rate.setter
    def decline_rate(self, rate: float) -> None:
        share = real(rate)
        if share is None or not 0 <= share <= 1:
            raise ValueError(f"decline_rate is {shown(rate)}: a number from 0 (none) to 1 (all) is allowed")
        self._decline_rate = share

    def _set_up(self) -> None:
        self._ledger.create_function("charged", 2, lambda known, yes: charged(_known(known), bool(yes)))
        self._ledger.create_function("voided", 1, lambda known: voided(_known(known)))
        # Safe when a process is killed; a power cut may take the last charges along, and this money is not real.
        self._execute("PRAGMA synchronous = OFF")
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._execute("PRAGMA journal_mode = WAL")
                self._execute(_SCHEMA)
                return
            except PaymentUnavailable:
                # SQLite does not wait by itself where several processes turn a new file into a WAL at once.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        check_money("amount", amount)
        approves = not self._declines(order_id, customer_id)
        ((state,),) = self._execute(_CHARGE, order_id, customer_id, str(amount), approves)
        return bool(state == Payment.APPROVED)

    def void(self, order_id: str) -> None:
        self._execute(_VOID, order_id)

    def charges(self) -> list[Charge]:
        """The whole ledger, by order id."""
        rows = self._execute("SELECT * FROM charges ORDER BY order_id")
        return [Charge(order, customer, Decimal(amount), *rest) for order, customer, amount, *rest in rows]

    def close(self) -> None:
        with self._lock:
            self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _declines(self, order_id: str, customer_id: str) -> bool:
        if customer_id.startswith(DECLINED_CUSTOMERS):
            return True
        digest = hashlib.sha256(f"{self._seed}:{order_id}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64 < self._decline_rate

    def _execute(self, statement: str, *values: str | bool) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._ledger.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:  # locked by another process for too long, disk full, …
            raise PaymentUnavailable(f"the ledger gave no answer: {error}") from error


def _known(state: str | None) -> Payment | None:
    return None if state is None else Payment(state)


class ProtectedGateway:
    """A gateway behind a circuit breaker: after `fail_max` calls without an answer it is not asked any more.

    After `reset_seconds` one call may try; an answer closes the circuit. A decline is an answer.
    Source: Nygard, "Release It!", 2007.
    """

    def __init__(self, gateway: PaymentGateway, fail_max: int = 5, reset_seconds: float = 5.0) -> None:
        self._gateway = gateway
        self._breaker = pybreaker.CircuitBreaker(
            fail_max, reset_seconds, exclude=[_is_an_answer], throw_new_error_on_trip=False
        )

    @property
    def state(self) -> str:
        """ "closed" (all is well), "open" or "half-open"."""
        return str(self._breaker.current_state)

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        try:
            return bool(self._breaker.call(self._gateway.charge, order_id, customer_id, amount))
        except pybreaker.CircuitBreakerError as error:
            raise PaymentUnavailable(_OPEN) from error

    def void(self, order_id: str) -> None:
        try:
            self._breaker.call(self._gateway.void, order_id)
        except pybreaker.CircuitBreakerError as error:
            raise PaymentUnavailable(_OPEN) from error


_OPEN = "the circuit is open: the gateway did not answer several times, and is left alone for a while"


def _is_an_answer(error: BaseException) -> bool:
    return not isinstance(error, PaymentUnavailable)
