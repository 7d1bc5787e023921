"""The steps of a kafka-python transaction, each with a time limit."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaTimeoutError

from ecomkafka.clients import Cluster
from ecomkafka.exercises.checking.stage import SECONDS


def open_producer(cluster: Cluster, transactional_id: str, opened: ExitStack) -> Any:
    """A new producer, closed with `opened`: what an earlier one of this id has left open is aborted."""
    producer = cluster.producer(transactional_id=transactional_id)
    opened.callback(producer.close, timeout=1.0)
    producer.init_transactions()
    return producer


def commit(producer: Any) -> None:
    producer.flush(timeout=SECONDS)
    _limited("the commit was", producer.commit_transaction)


def abort(producer: Any) -> None:
    _limited("the abort was", producer.abort_transaction)


def add_offsets(producer: Any, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: Any) -> None:
    """Add what a member of the group has read to the open transaction."""
    _limited("offsets were", producer.send_offsets_to_transaction, dict(offsets), group)


def _limited(what: str, call: Callable[..., Any], *arguments: Any) -> None:
    """Raises what `call` raises, and KafkaTimeoutError if it takes too long.

    kafka-python can't call off what the broker never answers: such a call's thread ends with the program.
    """
    done: Future[Any] = Future()

    def run() -> None:
        try:
            done.set_result(call(*arguments))
        except Exception as error:  # noqa: BLE001 - the caller raises it
            done.set_exception(error)

    threading.Thread(target=run, name="transaction", daemon=True).start()
    try:
        done.result(timeout=SECONDS)
    except TimeoutError as error:
        raise KafkaTimeoutError(f"{what} not answered within {SECONDS:g} s") from error
