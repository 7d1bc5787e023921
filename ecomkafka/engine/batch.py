"""One batch: the records of a poll become outputs, each record handled separately, so that a bad one harms no other."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from kafka import TopicPartition
from kafka.errors import KafkaError

from ecomkafka.clients.record import Forward, Record
from ecomkafka.contracts.codec import UnknownTypeError
from ecomkafka.engine.producer_record import Outgoing, outgoing, quarantined
from ecomkafka.engine.service import Counts, Service
from ecomkafka.engine.state import State
from ecomkafka.flow import CODECS, QUARANTINE
from ecomkafka.logs import log
from ecomkafka.messages import Message

BATCH_SECONDS = 2.0
"""A batch is cut off after so long, however many of its records are handled: well before its transaction times out."""

ERROR_LENGTH = 1_000
"""Characters of an error that go into a header: one that quotes its record would make it too large to be sent."""


class RetryLater(Exception):
    """Raised by a handler: nothing is wrong with this record, the world is not ready. Abort, wait, try again."""


class Answer(NamedTuple):
    """What a handler said, and the record to send for it."""

    message: Message | Forward
    record: Outgoing


class Skipped(str):
    """What became of a record of a type that only a newer version knows: its type."""


@dataclass
class Batch:
    answers: list[Answer] = field(default_factory=list)
    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    """The next offset of each partition of which a record was handled."""
    left: dict[TopicPartition, tuple[int, datetime | None]] = field(default_factory=dict)
    """Where to come back to: the first record that was not handled, and when it falls due (None: at once)."""
    counts: Counts = field(default_factory=Counts)


def handle_batch(worker: Service, polled: Mapping[TopicPartition, list[Any]], states: Mapping[int, State]) -> Batch:
    """Handle what was polled, until it is done or BATCH_SECONDS are over."""
    batch = Batch()
    until = time.monotonic() + BATCH_SECONDS
    for partition, raws in polled.items():
        topic = worker.cluster.logical(partition.topic)
        decode, state = CODECS[topic].decode, states[partition.partition]
        for raw in raws:
            if time.monotonic() > until:
                batch.left[partition] = (raw.offset, None)
                break
            outcome = _outcome(worker, topic, raw, decode, state)
            if isinstance(outcome, datetime):
                batch.left[partition] = (raw.offset, outcome)
                break
            if isinstance(outcome, Skipped):
                batch.counts.skipped[f"{topic} {outcome}"] += 1
            else:
                batch.answers.extend(outcome)
            batch.offsets[partition] = raw.offset + 1
            batch.counts.handled += 1
    if batch.counts.handled:
        worker.observer.batch(batch.counts.handled)
    return batch


def tick(worker: Service, states: Mapping[int, State]) -> list[Answer]:
    """What is due by time alone."""
    now = worker.clock.now()
    answers = []
    for state in states.values():
        answers += [Answer(message, outgoing(worker.cluster, None, message)) for message in worker.tick(now, state)]
        state.accept()
    return answers


def _outcome(
    worker: Service, topic: str, raw: Any, decode: Callable[[bytes | None], Any], state: State
) -> list[Answer] | Skipped | datetime:
    """The answers to a record, or that it is skipped, or when it falls due if that is later than now."""
    place = (topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers), raw.timestamp)
    try:
        record = Record(*place, decode(raw.value))
        due = worker.due(record)
        if due is not None and due > worker.clock.now():
            return due
        answers = [
            Answer(message, outgoing(worker.cluster, record, message)) for message in worker.handle(record, state)
        ]
    except (RetryLater, KafkaError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a record does to a handler, the service goes on
        if isinstance(error, UnknownTypeError) and topic in worker.hop.may_skip:
            return Skipped(error.kind)
        state.reject()
        record = Record(*place)
        why = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
        log.warning("⚠️ quarantined", service=worker.name, position=str(record.position), error=why)
        headers = {"origin": str(record.position), "service": worker.name, "error": why}
        forward = Forward(QUARANTINE, record, headers)
        return [Answer(forward, quarantined(worker.cluster, forward))]
    state.accept()
    return answers
