"""The steps of a transaction that kafka-python waits for without a limit, with one."""

from collections.abc import Mapping
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaTimeoutError

from ecomkafka.lab.exercises.stage import MS, SECONDS


def commit(producer: Any) -> None:
    producer.flush(timeout=SECONDS)
    _await(producer, producer._transaction_manager.begin_commit(), "the commit was")


def abort(producer: Any) -> None:
    _await(producer, producer._transaction_manager.begin_abort(), "the abort was")


def add_offsets(producer: Any, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: Any) -> None:
    """Add what a member of the group has read to the open transaction."""
    _await(producer, producer._transaction_manager.send_offsets_to_transaction(dict(offsets), group), "offsets were")


def _await(producer: Any, result: Any, what: str) -> None:
    producer._sender.wakeup()
    if not result.wait(timeout_ms=MS):
        raise KafkaTimeoutError(f"{what} not answered within {SECONDS:g} s")
