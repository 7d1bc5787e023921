"""Quarantine: records that no service could handle; they are edited and sent back to their topic here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import NOT_BEFORE, Forward, Position, Record
from ecomkafka.clock import SYSTEM_CLOCK
from ecomkafka.contracts.codec import UndecodableError, UnknownTypeError
from ecomkafka.domain.order_request import check_written
from ecomkafka.engine import records_set_aside
from ecomkafka.engine.corrected_message import corrected
from ecomkafka.engine.records_set_aside import EDITED_FROM, REPLAY_OF, REPLAYED, WAITING, Resend
from ecomkafka.flow import CODECS, QUARANTINE

CRASHED, POISON, NEWER, CUT, LOST = "crashed", "poison", "newer", "cut", "lost"
OBSTACLES = {
    POISON: "is no message of its topic: edit it first",
    NEWER: "is of a type that only a newer version knows: replay it when that runs here",
    CUT: "was too large and is cut: only its origin has the whole, so it can't be edited or replayed",
    LOST: "does not say from which topic it came, so it can't be edited or replayed",
}
"""The reasons why a record can't be replayed unchanged."""

SHOWN = 500
"""Characters of a value that are shown."""

_ADDED = {"causation", EDITED_FROM, "error", NOT_BEFORE, "origin", REPLAY_OF, "service"}


@dataclass(frozen=True)
class Quarantined:
    """A record in quarantine. `origin`: its position before. `service`: the one that could not handle it. `value`: its
    beginning.

    `classification`: "crashed" (a message, and the handler raised an error: replay it when that is repaired) or one of
    OBSTACLES. `state`: "waiting", "edited" (another one replaces it) or "replayed" (it, or another of this origin).
    """

    position: Position
    origin: str
    service: str
    error: str
    classification: str
    state: str
    since: datetime
    edited_from: str | None
    value: str


def quarantined(cluster: Cluster) -> list[Quarantined]:
    """All records in quarantine, the oldest first."""
    return [entry for entry, _ in _entries(cluster)]


def replay(cluster: Cluster, positions: Iterable[Position | str] | None = None) -> int:
    """Send the waiting records (those at `positions`, if given) to their origin's topic again; returns how many.

    Each origin is sent once, also if several services could not handle it. All that read the topic get it again: the
    shop's services know what they have handled; windows count it as another event. What can't be replayed is left out.
    Raises ValueError for a position at which there is none, or one that can't be; RuntimeError if another replay or
    edit has begun meanwhile.
    """
    with records_set_aside.taken_over(cluster, QUARANTINE) as producer:
        entries = _entries(cluster)
        wanted = _wanted(entries, positions)
        chosen = {e.origin: r for e, r in entries if str(e.position) in wanted and _can_go(e)}
        resends = [Resend(_as_it_was(record), (record.position,)) for record in chosen.values()]
        records_set_aside.send_again(cluster, producer, QUARANTINE, resends)
    return len(resends)


def edit(cluster: Cluster, position: Position | str, fields: Mapping[str, str], whole: str | None = None) -> Position:
    """Write a record that replaces the waiting one at `position`, with `fields` changed; returns where. The old one is
    kept.

    `whole`: the message as JSON, where there is none to change. Raises ValueError if there is no such record, if it
    does not wait any more, was cut, or if what comes of it is no message of its origin's topic, or has what no
    client may write.
    """
    with records_set_aside.taken_over(cluster, QUARANTINE) as producer:
        entries = {str(entry.position): (entry, record) for entry, record in _entries(cluster)}
        records_set_aside.pick("record in quarantine", (entry.position for entry, _ in entries.values()), [position])
        entry, record = entries[str(position)]
        records_set_aside.check_waiting(entry.position, entry.state)
        if entry.classification in (CUT, LOST):
            raise ValueError(f"{position} {OBSTACLES[entry.classification]}")
        message, value, written = corrected(record.value, CODECS[_topic(entry.origin)], fields, whole)
        check_written(message, written, SYSTEM_CLOCK.now())
        return records_set_aside.put_beside(cluster, producer, record, message, value)


def _entries(cluster: Cluster) -> list[tuple[Quarantined, Record]]:
    records, fates = records_set_aside.without_marks(read(cluster, QUARANTINE))
    done = {r.header("origin") for r in records if fates.get(str(r.position)) == REPLAYED}
    return [(_entry(record, fates, done), record) for record in records]


def _entry(record: Record, fates: Mapping[str, str], done: set[str | None]) -> Quarantined:
    origin = record.header("origin") or "not told"
    return Quarantined(
        position=record.position,
        origin=origin,
        service=record.header("service") or "not told",
        error=record.header("error") or "not told",
        classification=_classification(record),
        state=REPLAYED if origin in done else fates.get(str(record.position), WAITING),
        since=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        edited_from=record.header(EDITED_FROM),
        value=(record.value or b"")[: 4 * SHOWN].decode("utf-8", "replace")[:SHOWN],
    )


def _classification(record: Record) -> str:
    codec = CODECS.get(_topic(record.header("origin") or ""))
    if codec is None:
        return LOST
    if record.header("cut") is not None:
        return CUT
    try:
        codec.decode(record.value)
    except UnknownTypeError:
        return NEWER
    except UndecodableError:
        return POISON
    return CRASHED


def _topic(origin: str) -> str:
    return origin.split(":")[0]


def _can_go(entry: Quarantined) -> bool:
    return entry.state == WAITING and entry.classification == CRASHED


def _wanted(entries: list[tuple[Quarantined, Record]], positions: Iterable[Position | str] | None) -> set[str]:
    wanted = records_set_aside.pick("record in quarantine", (entry.position for entry, _ in entries), positions)
    for entry, _ in entries if positions is not None else ():
        if entry.state == WAITING and entry.classification in OBSTACLES and str(entry.position) in wanted:
            raise ValueError(f"{entry.position} {OBSTACLES[entry.classification]}")
    return wanted


def _as_it_was(record: Record) -> Forward:
    headers = tuple((name, value) for name, value in record.headers if name not in _ADDED)
    return Forward(_topic(record.header("origin") or ""), record._replace(headers=headers))
