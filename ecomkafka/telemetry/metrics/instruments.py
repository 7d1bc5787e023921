"""What is counted while services work: the loop's observer, with Prometheus' instruments.

Names and units are Prometheus': seconds, and `_total` for what only grows. No label grows with orders: services,
outcomes and reasons are few and known.
"""

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry, Counter, Histogram

from ecomkafka.clients.record import Forward
from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.engine.observer import Observer, Timed
from ecomkafka.flow import DEAD_LETTERS, QUARANTINE, RETRY_TOPICS
from ecomkafka.messages import Message, OrderCancelled, OrderConfirmed, Reason

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
"""Records of a batch."""
QUICK = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
SLOW = (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60)
"""Seconds."""

COMMITTED, ABORTED, UNKNOWN = "committed", "aborted", "unknown"
DONE, FAILED = "done", "failed"


class Instruments:
    """One of each for a process, on a registry of its own: two shops in one process do not mix."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"ecomkafka_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: Iterable[float], *labels: str) -> Histogram:
            return Histogram(f"ecomkafka_{name}", text, labels, buckets=tuple(buckets), registry=registry)

        self.batches = histogram("batch_records", "Records of one poll that were handled.", SIZES, "service")
        self.transactions = histogram(
            "transaction_seconds", "Time to send and commit a transaction, by outcome.", QUICK, "service", "outcome"
        )
        self.recoveries = counter("recoveries", "Returns to the last commit after something went wrong.", "service")
        self.rebalances = counter("rebalances", "Assignments of partitions.", "service")
        self.checkpoints = histogram("checkpoint_seconds", "Time to rewrite a state.", SLOW, "service")
        self.restores = histogram("restore_seconds", "Time to read a state back.", SLOW, "service")
        self.ends = counter("orders_ended", "Orders that have ended, by end and reason.", "end", "reason")
        self.retries = counter("retries", "Notifications that will be tried again.")
        self.dead_letters = counter("dead_letters", "Notifications that were given up.")
        self.quarantined = counter("quarantined", "Records that could not be handled.", "service")
        self.mails = histogram("mail_seconds", "Time to hand a mail over, by outcome.", QUICK, "outcome")
        for reason in Reason:  # known at zero, so that the first one counts as a rise
            self.ends.labels("cancelled", reason.value)
        self.ends.labels("confirmed", "")


class ServiceObserver(Observer):
    """Counts what one service does. The labels are looked up once: that costs more than counting."""

    def __init__(self, instruments: Instruments, service: str) -> None:
        self._batch = instruments.batches.labels(service).observe
        self._recovery = instruments.recoveries.labels(service).inc
        self._rebalance = instruments.rebalances.labels(service).inc
        self._confirmed = instruments.ends.labels("confirmed", "").inc
        self._cancelled = {reason: instruments.ends.labels("cancelled", reason.value).inc for reason in Reason}
        self._forwarded = {topic: instruments.retries.inc for topic in RETRY_TOPICS} | {
            DEAD_LETTERS: instruments.dead_letters.inc,
            QUARANTINE: instruments.quarantined.labels(service).inc,
        }
        transactions, mails = instruments.transactions, instruments.mails
        self._histograms = {
            ("transaction", DONE): transactions.labels(service, COMMITTED),
            ("transaction", FAILED): transactions.labels(service, ABORTED),
            ("transaction", UNKNOWN): transactions.labels(service, UNKNOWN),
            ("checkpoint", DONE): instruments.checkpoints.labels(service),
            ("restore", DONE): instruments.restores.labels(service),
            ("mail", DONE): mails.labels(DONE),
            ("mail", FAILED): mails.labels(FAILED),
        }

    def batch(self, records: int) -> None:
        self._batch(records)

    def committed(self, outputs: Iterable[Message | Forward]) -> None:
        for output in outputs:
            if isinstance(output, OrderConfirmed):
                self._confirmed()
            elif isinstance(output, OrderCancelled):
                self._cancelled[output.reason]()
            elif isinstance(output, Forward) and output.topic in self._forwarded:
                self._forwarded[output.topic]()

    def rebalanced(self) -> None:
        self._rebalance()

    def recovering(self) -> None:
        self._recovery()

    def timed(self, what: Timed) -> "_Stopwatch":
        return _Stopwatch(self, what)

    def note(self, what: Timed, outcome: str, seconds: float) -> None:
        """A checkpoint or a restore that failed is none: it is done again."""
        if (histogram := self._histograms.get((what, outcome))) is not None:
            histogram.observe(seconds)


class _Stopwatch:
    def __init__(self, observer: ServiceObserver, what: Timed) -> None:
        self._observer, self._what = observer, what

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = time.perf_counter() - self._began
        outcome = DONE if kind is None else UNKNOWN if issubclass(kind, UnknownOutcomeError) else FAILED
        self._observer.note(self._what, outcome, seconds)
