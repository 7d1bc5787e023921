"""A Kafka transaction that never waits without a limit and never takes an aborted transaction for a committed one.

kafka-python's own `commit_transaction` waits for ever, and can return as if all were well although a record was refused; so every record's
future is looked at before the commit, and each step has a deadline (design of the protocol: KIP-98, KIP-447).
"""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from ecomkafka.runtime.clients import Cluster

Offsets = Mapping[TopicPartition, OffsetAndMetadata]


class UnknownOutcomeError(RuntimeError):
    """The commit was asked for and not answered: it may have happened. Build a new producer; then the broker knows."""


class TransactionalProducer:
    """One transactional id's producer. After any error: `discard()` it and make a new one, which fences this one."""

    def __init__(self, cluster: Cluster, transactional_id: str, timeout: float = 10.0) -> None:
        self._producer: KafkaProducer = cluster.producer(transactional_id)
        self._timeout = timeout
        self._futures: list[Any] = []
        try:
            self._producer.init_transactions()
        except BaseException:
            self.discard()
            raise

    def begin(self) -> None:
        self._futures = []
        self._producer.begin_transaction()

    def send(self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]], **where: Any) -> Any:
        """Add a record; returns its future. `where`: `partition`, if the key is not to choose it."""
        future = self._producer.send(topic, key=key, value=value, headers=headers, **where)
        self._futures.append(future)
        return future

    def commit(self, offsets: Offsets, group: Any, at: Callable[[str], None] = lambda point: None) -> None:
        """Commit the records and `offsets` together. `at` is told the points at which a crash is worth a try.

        Raises KafkaError if it cannot have happened (abort or discard), UnknownOutcomeError if it may have.
        """
        deadline = time.monotonic() + self._timeout
        manager = self._producer._transaction_manager
        added = None
        if offsets:
            added = manager.send_offsets_to_transaction(dict(offsets), group)
        self._producer.flush(timeout=self._timeout)
        for future in self._futures:
            if not future.succeeded():
                raise future.exception or KafkaTimeoutError("a record was not acknowledged in time")
        at("after_produce")
        if added is not None:
            self._await(added, deadline, KafkaTimeoutError("the offsets were not added to the transaction in time"))
            at("after_offsets")
        if not (self._futures or offsets):
            return self.abort()
        result = manager.begin_commit()
        self._producer._sender.wakeup()
        at("during_commit")
        try:
            self._await(result, deadline, UnknownOutcomeError("the commit was not answered in time"))
        except KafkaError as error:
            raise UnknownOutcomeError(f"the commit failed: {error}") from error

    def abort(self) -> None:
        """End the transaction without effect. Raises KafkaError if the broker does not answer in time."""
        result = self._producer._transaction_manager.begin_abort()
        self._producer._sender.wakeup()
        self._await(result, time.monotonic() + self._timeout, KafkaTimeoutError("the abort was not answered in time"))

    def discard(self) -> None:
        """Close without waiting for anything in flight. Aborts nothing: the id's next owner, or the timeout, does."""
        self._producer._sender.force_close()
        self._producer._sender.join(2.0)
        self._producer.close(timeout=2.0)

    @staticmethod
    def _await(result: Any, deadline: float, too_late: Exception) -> None:
        if not result.wait(timeout_ms=max(0.0, deadline - time.monotonic()) * 1000):
            raise too_late

    def __enter__(self) -> "TransactionalProducer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.discard()
