"""From a poll's records to what is to be sent: each record is handled on its own, so a bad one harms no other."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from kafka import TopicPartition
from kafka.errors import KafkaError

from ecomkafka.flow import CODECS, QUARANTINE
from ecomkafka.logs import log
from ecomkafka.messages import Message
from ecomkafka.runtime.record import Forward, Record
from ecomkafka.runtime.state import State

if TYPE_CHECKING:
    from ecomkafka.runtime.worker import Worker

BATCH_SECONDS = 2.0
"""A batch is cut off after so long, however many of its records are handled: well before its transaction times out."""

class RetryLater(Exception):  # noqa: N818 - a request of the handler, not an error of the record
    """Raised by a handler: nothing is wrong with this record, the world is not ready. Abort, wait, try again."""


class Answer(NamedTuple):
    """What to send, and the record that caused it; None if time alone did."""

    cause: Record | None
    message: Message | Forward


class Batch(NamedTuple):
    answers: list[Answer]
    offsets: dict[TopicPartition, int]
    """The next offset of each partition of which a record was handled."""
    left: dict[TopicPartition, tuple[int, datetime | None]]
    """Where to come back to: the first record that was not handled, and when it falls due (None: at once)."""


def handle_batch(
    worker: "Worker", polled: Mapping[TopicPartition, list[Any]], states: Mapping[int, State]
) -> Batch:
    """Handle what was polled, until it is done or BATCH_SECONDS are over."""
    batch = Batch([], {}, {})
    until = time.monotonic() + BATCH_SECONDS
    for partition, raws in polled.items():
        topic = worker.cluster.logical(partition.topic)
        decode, state = CODECS[topic].decode, states[partition.partition]
        for raw in raws:
            record = Record(topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers), raw.timestamp)
            due = worker.due(record)
            if due is not None and due <= worker.clock.now():
                due = None
            if due is not None or time.monotonic() > until:
                batch.left[partition] = (record.offset, due)
                break
            batch.answers.extend(_answers(worker, record, decode, state))
            batch.offsets[partition] = record.offset + 1
    return batch


def tick(worker: "Worker", states: Mapping[int, State]) -> list[Answer]:
    """What is due by time alone."""
    now = worker.clock.now()
    answers = []
    for state in states.values():
        answers += [Answer(None, message) for message in worker.tick(now, state)]
        state.accept()
    return answers


def _answers(worker: "Worker", record: Record, decode: Callable[[bytes | None], Any], state: State) -> list[Answer]:
    try:
        known = record.decoded(decode)
        answers = [Answer(known, message) for message in worker.handle(known, state)]
    except (RetryLater, KafkaError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a record does to a handler, the service goes on
        state.reject()
        why = f"{type(error).__name__}: {error}"
        log.warning("⚠️ quarantined", service=worker.name, position=str(record.position), error=why)
        headers = {"origin": str(record.position), "service": worker.name, "error": why}
        return [Answer(record, Forward(QUARANTINE, record, headers))]
    state.accept()
    return answers
