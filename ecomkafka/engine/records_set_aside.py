"""Records that were set aside, and what their edit and replay need: each record is sent again once.

Dead letters are edited in `services/dead_letters.py`, quarantined records in `services/quarantine.py`; here is what
both share. What became of a record is noted in its own topic, in the transaction that does it: a mark of what was
sent again, a header of what replaces it. So the note is there if and only if it was done, and lives as long as the
record.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from kafka.errors import KafkaError

from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Forward, Position, Record
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.clients.transaction_errors import TAKEN
from ecomkafka.engine.producer_record import outgoing
from ecomkafka.flow import key_of
from ecomkafka.messages import Message

WAITING, REPLAYED, EDITED = "waiting", "replayed", "edited"
REPLAY_OF = "replay_of"
"""Header of a replayed record: the position at which it was set aside."""
EDITED_FROM = "edited_from"
"""Header of an edited record: the position of the one that it replaces."""

_MARK = "replayed"
_CHUNK = 500
"""Records replayed per transaction."""


class Resend(NamedTuple):
    """A record to replay, and the positions of all records that this settles."""

    record: Forward
    settles: tuple[Position, ...]


def without_marks(records: Iterable[Record]) -> tuple[list[Record], dict[str, str]]:
    """The records that were set aside, and the fate of each by position: REPLAYED, EDITED; the others wait."""
    set_aside: list[Record] = []
    fates: dict[str, str] = {}
    for record in records:
        if replaced := record.header(EDITED_FROM):
            fates[replaced] = EDITED
        if record.value is None and [name for name, _ in record.headers] == [_MARK]:
            fates[record.header(_MARK) or ""] = REPLAYED
        else:
            set_aside.append(record)
    return set_aside, fates


@contextmanager
def taken_over(cluster: Cluster, topic: str) -> Iterator[TransactionalProducer]:
    """The producer of every replay and edit of `topic`: take over its id, then read, then send.

    An earlier producer that has yet to send is fenced; it raises RuntimeError.
    """
    try:
        with TransactionalProducer(cluster, f"set-aside-{topic}") as producer:
            yield producer
    except KafkaError as error:
        # kafka-python raises it as it is, or as the argument of another one.
        if not any(isinstance(cause, TAKEN) for cause in (error, *error.args)):
            raise
        raise RuntimeError(f"another replay or edit of {topic} has begun meanwhile: list what waits") from error


def send_again(cluster: Cluster, producer: TransactionalProducer, topic: str, resends: Sequence[Resend]) -> None:
    """Send the records, and mark them as replayed in `topic`, where they were set aside."""
    for start in range(0, len(resends), _CHUNK):
        producer.begin()
        for forward, settles in resends[start : start + _CHUNK]:
            headers = forward.headers | {REPLAY_OF: str(forward.record.position)}
            producer.send(*outgoing(cluster, None, replace(forward, headers=headers)))
            for position in settles:
                producer.send(cluster.name(topic), b"", None, [(_MARK, str(position).encode())])
        producer.commit({}, None)


def put_beside(
    cluster: Cluster, producer: TransactionalProducer, record: Record, message: Message, value: bytes
) -> Position:
    """Write the replacement of `record`, `message` as `value`, to the same topic and return its position; the original
    stays.
    """
    edited = record._replace(key=key_of(message).encode(), value=value)
    producer.begin()
    producer.send(*outgoing(cluster, None, Forward(record.topic, edited, {EDITED_FROM: str(record.position)})))
    ((place, offset),) = producer.flush().items()
    producer.commit({}, None)
    return Position(record.topic, place.partition, offset)


def pick(what: str, known: Iterable[Position], positions: Iterable[Position | str] | None) -> set[str]:
    """`positions` as text; None takes all. Raises ValueError that names one at which there is no `what`."""
    there = set(map(str, known))
    wanted = there if positions is None else set(map(str, positions))
    if unknown := sorted(wanted - there):
        raise ValueError(f"no {what} at {unknown[0]!r:.80}: the list shows where the {len(there)} are")
    return wanted


def check_waiting(position: Position, state: str) -> None:
    """Raise ValueError unless the record waits: a replayed or edited record can't be edited."""
    if state != WAITING:
        raise ValueError(f"{position} is {state} already: only what waits can be edited")
