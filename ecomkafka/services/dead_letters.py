"""Dead letters: what could not be delivered, why, and how to send it once more."""

from collections.abc import Iterable
from dataclasses import dataclass

from kafka.errors import InvalidProducerEpochError, ProducerFencedError

from ecomkafka.domain.notification import FAILURE
from ecomkafka.flow import DEAD_LETTERS
from ecomkafka.messages import NotificationSent, SendNotification
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.outbox import outgoing
from ecomkafka.runtime.reader import read
from ecomkafka.runtime.record import NOT_BEFORE, Forward, Position, Record
from ecomkafka.runtime.transaction import TransactionalProducer

REQUESTS = "notifications.requests"
REPLAY_OF = "replay_of"
"""Header of a replayed request: the position of its dead letter."""

_ADDED = {"attempt", "attempts", "causation", "class", "error", "failed_at", NOT_BEFORE, "origin", REPLAY_OF}
_CHUNK = 1_000
"""Letters in one transaction."""


@dataclass(frozen=True)
class DeadLetter:
    """`state`: "waiting", "replayed" (on its way again) or "delivered".

    `history`: when, where and why each attempt failed. A record that is no notification has no ids and is "poison".
    """

    position: Position
    notification_id: str | None
    order_id: str | None
    attempts: int
    reason: str
    classification: str
    state: str
    history: tuple[str, ...]


def dead_letters(cluster: Cluster) -> list[DeadLetter]:
    """All dead letters, the oldest first."""
    return [letter for letter, _ in _letters(cluster)]


def replay(cluster: Cluster, positions: Iterable[Position | str] | None = None) -> int:
    """Send the waiting letters (those at `positions`, if given) to notifications.requests again; returns how many.

    What was replayed or delivered already is not sent again, as far back as the topics reach. Raises ValueError for a
    position at which there is no dead letter, RuntimeError if another replay has begun meanwhile.
    """
    # One id for all replays, taken over before reading: the broker fences an earlier replay that has yet to send.
    with TransactionalProducer(cluster, "dead-letters") as producer:
        records = _waiting(_letters(cluster), positions)
        try:
            for start in range(0, len(records), _CHUNK):
                _send(cluster, producer, records[start : start + _CHUNK])
        except (ProducerFencedError, InvalidProducerEpochError) as error:
            raise RuntimeError("another replay has begun meanwhile: 'ecomkafka dlq list' shows what waits") from error
    return len(records)


def _send(cluster: Cluster, producer: TransactionalProducer, records: list[Record]) -> None:
    producer.begin()
    for record in records:
        producer.send(*outgoing(cluster, None, _as_it_was(record)))
    producer.commit({}, None)


def _letters(cluster: Cluster) -> list[tuple[DeadLetter, Record]]:
    records = read(cluster, DEAD_LETTERS, REQUESTS, "notifications.events")
    replayed = {record.header(REPLAY_OF) for record in records if record.topic == REQUESTS}
    delivered = {event.notification_id for record in records if isinstance(event := record.message, NotificationSent)}
    return [(_letter(record, replayed, delivered), record) for record in records if record.topic == DEAD_LETTERS]


def _letter(record: Record, replayed: set[str | None], delivered: set[str]) -> DeadLetter:
    request: SendNotification | None = record.message
    attempts = record.header("attempts") or "0"
    state = "replayed" if str(record.position) in replayed else "waiting"
    if request is not None and request.notification_id in delivered:
        state = "delivered"
    return DeadLetter(
        position=record.position,
        notification_id=request.notification_id if request else None,
        order_id=request.order_id if request else None,
        attempts=int(attempts) if attempts.isdecimal() else 0,
        reason=record.header("error") or "not told",
        classification=record.header("class") or ("unknown" if request else "poison"),
        state=state,
        history=tuple((value or b"").decode("utf-8", "replace") for name, value in record.headers if _is_failure(name)),
    )


def _waiting(letters: list[tuple[DeadLetter, Record]], positions: Iterable[Position | str] | None) -> list[Record]:
    """The records to send: one for each notification, however many letters it has."""
    known = {str(letter.position) for letter, _ in letters}
    wanted = known if positions is None else {str(position) for position in positions}
    if unknown := sorted(wanted - known):
        raise ValueError(f"no dead letter at {unknown[0]!r:.80}: 'ecomkafka dlq list' shows where the {len(known)} are")
    records: dict[str | Position, Record] = {}
    for letter, record in letters:
        if letter.state == "waiting" and str(letter.position) in wanted:
            records.setdefault(letter.notification_id or letter.position, record)
    return list(records.values())


def _as_it_was(letter: Record) -> Forward:
    headers = tuple((name, value) for name, value in letter.headers if name not in _ADDED and not _is_failure(name))
    return Forward(REQUESTS, letter._replace(headers=headers), {"attempt": "1", REPLAY_OF: str(letter.position)})


def _is_failure(header: str) -> bool:
    return header.startswith(FAILURE)
