"""What the loop says becomes counters: by service, outcome and reason, and by nothing that grows."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from prometheus_client import CollectorRegistry

from ecomkafka.clients.record import Forward, Record
from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.engine.observer import Timed
from ecomkafka.flow import DEAD_LETTERS, QUARANTINE, RETRY_TOPICS
from ecomkafka.messages import OrderCancelled, OrderConfirmed, Reason, Reserved
from ecomkafka.telemetry.metrics.instruments import Instruments, ServiceObserver

AT = datetime(2026, 3, 1, tzinfo=UTC)
RECORD = Record("notifications.requests", 0, 1, b"O-1", b"", (), 0)


class Told:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.observer = ServiceObserver(Instruments(self.registry), "order")

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"ecomkafka_{name}", labels)

    def fail(self, what: Timed, error: Exception) -> None:
        with suppress(type(error)), self.observer.timed(what):
            raise error


def test_ends_are_counted_by_reason_and_known_at_zero() -> None:
    told = Told()
    assert told.value("orders_ended_total", end="cancelled", reason="TIMEOUT") == 0
    good = OrderConfirmed(order_id="O-1", total=Decimal(1), at=AT)
    bad = OrderCancelled(order_id="O-2", total=Decimal(1), at=AT, reason=Reason.TIMEOUT)
    told.observer.committed([good, good, bad, Reserved(order_id="O-1", warehouse_id="WH", at=AT)])
    assert told.value("orders_ended_total", end="confirmed", reason="") == 2
    assert told.value("orders_ended_total", end="cancelled", reason="TIMEOUT") == 1


def test_what_is_set_aside_is_counted() -> None:
    told = Told()
    told.observer.committed([Forward(topic, RECORD) for topic in (*RETRY_TOPICS, DEAD_LETTERS, QUARANTINE)])
    assert told.value("retries_total") == len(RETRY_TOPICS)
    assert told.value("dead_letters_total") == 1
    assert told.value("quarantined_total", service="order") == 1


def test_a_transaction_has_one_of_three_outcomes() -> None:
    told = Told()
    with told.observer.timed("transaction"):
        pass
    told.fail("transaction", UnknownOutcomeError("?"))
    told.fail("transaction", ConnectionError())
    told.fail("transaction", ConnectionError())
    counts = {"committed": 1, "unknown": 1, "aborted": 2}
    for outcome, count in counts.items():
        assert told.value("transaction_seconds_count", service="order", outcome=outcome) == count


def test_a_restore_that_failed_is_none() -> None:
    told = Told()
    told.fail("restore", ConnectionError())
    assert told.value("restore_seconds_count", service="order") == 0
    told.fail("mail", ConnectionError())
    assert told.value("mail_seconds_count", outcome="failed") == 1


def test_batches_rebalances_and_recoveries_are_counted() -> None:
    told = Told()
    told.observer.batch(3)
    told.observer.rebalanced()
    told.observer.recovering()
    assert told.value("batch_records_sum", service="order") == 3
    assert told.value("rebalances_total", service="order") == told.value("recoveries_total", service="order") == 1
