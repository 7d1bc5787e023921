"""The schemas of every released version, and whether today's fit to them.

A folder `v1`, `v2`, … has the schemas of a release as they were (`events.json`), and which commit it was
(`release.json`). It is never changed: what it describes is in logs, and perhaps runs.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from ecomkafka.contracts.compatibility import Break, breaks
from ecomkafka.contracts.schema import Schema, by_type
from ecomkafka.contracts.upcasting import UPCASTS, Upcast

EVENTS, RELEASE = "events.json", "release.json"


class Release(msgspec.Struct, frozen=True):
    """A released version: its number, the commit that it was built from, and its schemas by type."""

    number: int
    commit: str
    schemas: dict[str, Schema]

    @property
    def name(self) -> str:
        return f"v{self.number}"


_KEEP = "to go on writing it until no such reader runs"
"""Old readers are as they are: a default or an upcast would have to be in them."""


class Level(StrEnum):
    """The levels that schema registries know (Confluent's names)."""

    BACKWARD = "backward"
    FORWARD = "forward"
    FULL = "full"
    BACKWARD_TRANSITIVE = "backward-transitive"
    FORWARD_TRANSITIVE = "forward-transitive"
    FULL_TRANSITIVE = "full-transitive"


POLICY = (Level.FULL, Level.BACKWARD_TRANSITIVE)
"""The shop's: the last version and the next run side by side, and a log has records of all versions."""


class Problem(NamedTuple):
    """`who`: the readers that break, and on whose records."""

    type: str
    release: str
    who: str
    found: Break

    def __str__(self) -> str:
        field = f"{self.type}.{self.found.field}" if self.found.field else self.type
        return f"{field} {self.found.what}: {self.who}. Allowed: {self.found.allowed}."


def load(folder: Path) -> list[Release]:
    """The releases in `folder`, the oldest first. Raises LookupError if there is none."""
    found = [_release(path) for path in folder.glob("v*") if path.name[1:].isdecimal()]
    if not found:
        raise LookupError(f"{folder} has no released schemas (v1, v2, …): run this in a clone, or name its 'schemas'")
    return sorted(found, key=lambda release: release.number)


def _release(path: Path) -> Release:
    class Named(msgspec.Struct):
        commit: str

    named = msgspec.json.decode((path / RELEASE).read_bytes(), type=Named)
    document = msgspec.json.decode((path / EVENTS).read_bytes(), type=Schema)
    return Release(int(path.name[1:]), named.commit, by_type(document))


def problems(
    releases: Iterable[Release], current: dict[str, Schema], level: Level, upcasts: Iterable[Upcast] = UPCASTS
) -> Iterator[Problem]:
    """Where the schemas of today (by type) do not fit to the last release, or to all if the level is transitive."""
    concerned = sorted(releases, key=lambda release: release.number)
    if not level.endswith("-transitive"):
        concerned = concerned[-1:]
    for release in concerned:
        if not level.startswith("forward"):
            yield from _backward(release, current, tuple(upcasts))
        if not level.startswith("backward"):
            yield from _forward(release, current)


def _backward(release: Release, current: dict[str, Schema], upcasts: tuple[Upcast, ...]) -> Iterator[Problem]:
    who = f"this version's readers break on records of {release.name}"
    for kind, schema in release.schemas.items():
        if kind not in current:
            gone = Break("", "is no message any more", "to keep it as long as a log may have one")
            yield Problem(kind, release.name, who, gone)
            continue
        given = {name for step in upcasts if step.type == kind and step.until >= release.number for name in step.gives}
        for found in breaks(schema, current[kind]):
            if not (found.missing and found.field in given):
                yield Problem(kind, release.name, who, found)


def _forward(release: Release, current: dict[str, Schema]) -> Iterator[Problem]:
    """A new type breaks nobody: `flow.py` says what becomes of it at readers that do not know it."""
    who = f"readers of {release.name}, which may run beside this version, break on its records"
    for kind, schema in current.items():
        for found in breaks(schema, release.schemas[kind]) if kind in release.schemas else ():
            yield Problem(kind, release.name, who, found._replace(allowed=_KEEP) if found.missing else found)
