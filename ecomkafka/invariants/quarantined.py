"""Readable records in quarantine: a person must look at them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ecomkafka.clients.record import Record
from ecomkafka.domain.windows.closing_and_lateness import MAX_AHEAD
from ecomkafka.domain.windows.window import EPOCH
from ecomkafka.engine.records_set_aside import REPLAYED, WAITING, without_marks
from ecomkafka.flow import QUARANTINE

_REFUSED_AHEAD = MAX_AHEAD.total_seconds() - 60.0
"""Seconds; a minute for the clocks of writer and reader."""


class Aside(NamedTuple):
    origin: Record
    """As it was, where it was."""
    record: Record
    """In quarantine."""
    fate: str
    """Whether it waits, another one replaces it or it (or another of the same origin) was sent again."""

    @property
    def service(self) -> str:
        """Who could not handle it."""
        return self.record.header("service") or "not told"

    @property
    def may_be_refused(self) -> bool:
        """An event that analytics may refuse: more than a day ahead of when it was written, or older than 1970."""
        if self.service != "analytics":
            return False
        at, written = self.origin.message.at, self.origin.timestamp / 1000
        return bool(at < EPOCH or at.timestamp() - written > _REFUSED_AHEAD)


def readable(records: Mapping[str, Sequence[Record]]) -> dict[str, Aside]:
    """By its place in quarantine, given the records of each topic."""
    aside, fates = without_marks(records.get(QUARANTINE, ()))
    wanted = {origin for record in aside if (origin := record.header("origin"))}
    topics = {origin.split(":")[0] for origin in wanted}
    origins = {
        place: record
        for topic in topics
        for record in records.get(topic, ())
        if record.message and (place := str(record.position)) in wanted
    }
    replayed = {r.header("origin") for r in aside if fates.get(str(r.position)) == REPLAYED}
    found = {}
    for record in aside:
        place, origin = str(record.position), record.header("origin") or ""
        if origin in origins:
            fate = REPLAYED if origin in replayed else fates.get(place, WAITING)
            found[place] = Aside(origins[origin], record, fate)
    return found
