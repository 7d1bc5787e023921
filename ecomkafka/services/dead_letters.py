"""Dead letters: notifications that could not be delivered; they are edited and sent again here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import NOT_BEFORE, Forward, Position, Record
from ecomkafka.clock import SYSTEM_CLOCK
from ecomkafka.domain.order_request import check_written
from ecomkafka.domain.retry_policy import FAILURE
from ecomkafka.engine import records_set_aside
from ecomkafka.engine.corrected_message import corrected
from ecomkafka.engine.records_set_aside import EDITED_FROM, REPLAY_OF, WAITING, Resend
from ecomkafka.flow import CODECS, DEAD_LETTERS
from ecomkafka.messages import NotificationSent, SendNotification

REQUESTS = "notifications.requests"
DELIVERED = "delivered"
RETRYABLE, PERMANENT, POISON = "retryable", "permanent", "poison"

_ADDED = {"attempt", "attempts", "causation", "class", "error", "failed_at", NOT_BEFORE, "origin"}
_ADDED |= {EDITED_FROM, REPLAY_OF}


@dataclass(frozen=True)
class DeadLetter:
    """`classification`: "retryable" (another attempt may succeed), "permanent" (not before it is edited) or "poison"
    (no notification: it has no ids).

    `state`: "waiting", "replayed" (on its way again), "edited" (another letter replaces it) or "delivered". `history`:
    when, where and why each attempt failed, and what it was edited from.
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

    What was replayed or delivered already is not sent again, and a notification of several letters once. Poison is left
    out. Raises ValueError for a position at which there is none, or poison; RuntimeError if another replay or edit has
    begun meanwhile.
    """
    with records_set_aside.taken_over(cluster, DEAD_LETTERS) as producer:
        letters = _letters(cluster)
        resends = _resends(letters, _wanted(letters, positions))
        records_set_aside.send_again(cluster, producer, DEAD_LETTERS, resends)
    return len(resends)


def edit(cluster: Cluster, position: Position | str, fields: Mapping[str, str], whole: str | None = None) -> Position:
    """Write a letter that replaces the waiting one at `position`, with `fields` changed; returns where. The old one is
    kept.

    `whole`: the message as JSON, for poison. Raises ValueError if there is none, if it does not wait any more or if
    what comes of it is no notification or another one, or has what no client may write.
    """
    with records_set_aside.taken_over(cluster, DEAD_LETTERS) as producer:
        letters = {str(letter.position): (letter, record) for letter, record in _letters(cluster)}
        records_set_aside.pick("dead letter", (letter.position for letter, _ in letters.values()), [position])
        letter, record = letters[str(position)]
        records_set_aside.check_waiting(letter.position, letter.state)
        message, value, written = corrected(record.value, CODECS[DEAD_LETTERS], fields, whole)
        check_written(message, written, SYSTEM_CLOCK.now())
        assert isinstance(message, SendNotification)
        if letter.notification_id not in (None, message.notification_id):
            raise ValueError(f"notification_id {letter.notification_id} has to stay: by it a second copy is recognised")
        return records_set_aside.put_beside(cluster, producer, record, message, value)


def _letters(cluster: Cluster) -> list[tuple[DeadLetter, Record]]:
    records = read(cluster, DEAD_LETTERS, "notifications.events")
    delivered = {event.notification_id for record in records if isinstance(event := record.message, NotificationSent)}
    letters, fates = records_set_aside.without_marks(record for record in records if record.topic == DEAD_LETTERS)
    return [(_letter(record, fates, delivered), record) for record in letters]


def _letter(record: Record, fates: Mapping[str, str], delivered: set[str]) -> DeadLetter:
    request: SendNotification | None = record.message
    attempts = record.header("attempts") or "0"
    state = fates.get(str(record.position), WAITING)
    if request is not None and request.notification_id in delivered:
        state = DELIVERED
    history = [(value or b"").decode("utf-8", "replace") for name, value in record.headers if _is_failure(name)]
    if (source := record.header(EDITED_FROM)) is not None:
        history.append(f"edited from {source}")
    return DeadLetter(
        position=record.position,
        notification_id=request.notification_id if request else None,
        order_id=request.order_id if request else None,
        attempts=int(attempts) if attempts.isdecimal() else 0,
        reason=record.header("error") or "not told",
        classification=_classification(record),
        state=state,
        history=tuple(history),
    )


def _classification(record: Record) -> str:
    if record.message is None:
        return POISON
    if record.header(EDITED_FROM) is not None:
        return RETRYABLE
    return PERMANENT if record.header("class") == PERMANENT else RETRYABLE


def _wanted(letters: list[tuple[DeadLetter, Record]], positions: Iterable[Position | str] | None) -> set[str]:
    wanted = records_set_aside.pick("dead letter", (letter.position for letter, _ in letters), positions)
    for letter, _ in letters if positions is not None else ():
        if letter.classification == POISON and letter.state == WAITING and str(letter.position) in wanted:
            raise ValueError(f"{letter.position} is no notification, and would be quarantined: edit it first")
    return wanted


def _resends(letters: list[tuple[DeadLetter, Record]], wanted: set[str]) -> list[Resend]:
    """One for each notification, however many letters it has: the newest, which may be an edited one."""
    waiting: dict[str, list[tuple[DeadLetter, Record]]] = {}
    for letter, record in letters:
        if letter.state == WAITING and letter.notification_id is not None:
            waiting.setdefault(letter.notification_id, []).append((letter, record))
    resends = []
    for group in waiting.values():
        if chosen := [record for letter, record in group if str(letter.position) in wanted]:
            resends.append(Resend(_as_it_was(chosen[-1]), tuple(letter.position for letter, _ in group)))
    return resends


def _as_it_was(letter: Record) -> Forward:
    headers = tuple((name, value) for name, value in letter.headers if name not in _ADDED and not _is_failure(name))
    return Forward(REQUESTS, letter._replace(headers=headers), {"attempt": "1"})


def _is_failure(header: str) -> bool:
    return header.startswith(FAILURE)
