"""Namespaces that belong to one process: their topics and groups are deleted when it ends, or after it was killed.

A marker in the home's run folder names the namespace. What no marker names is nobody's business here: another
machine's shops on the same cluster have theirs in its own home.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from kafka import KafkaAdminClient
from kafka.errors import GroupIdNotFoundError, KafkaError

from ecomkafka.broker import shared
from ecomkafka.clients import Cluster
from ecomkafka.clients.access.account import external
from ecomkafka.clients.admin import delete
from ecomkafka.logs import log
from ecomkafka.machine.home import run_dir
from ecomkafka.machine.owner import Ownership, orphans

_SWEEP_MS = 5_000
"""The most that a start may wait to delete what others have left."""


class _Marker(msgspec.Struct, frozen=True):
    namespace: str
    place: str
    """The cluster: by its data where it is the embedded one, whose ports may change."""

    @property
    def file(self) -> Path:
        return _folder() / f"{self.namespace}.json"


class Fresh:
    """A fresh namespace of this process, which deletes it at the end of the block: `with Fresh(cluster):`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._marker = cluster, _Marker(cluster.namespace, _place(cluster))
        self._ownership = Ownership(self._marker.file)

    def __enter__(self) -> Self:
        self._ownership.acquire()
        self._marker.file.write_bytes(msgspec.json.encode(self._marker))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._ownership.is_mine:  # a fork leaves its parent's block
            return
        try:
            _take_away(self._cluster, [self._marker])
        finally:
            self._ownership.release()


def sweep(bootstrap: str) -> None:
    """Delete the namespaces of killed processes of this home; what can't be deleted yet stays, and is logged."""
    cluster = Cluster.of(bootstrap)
    here = _place(cluster)
    with orphans(marker.file for marker in _markers() if marker.place == here) as files:
        dead = [marker for file in files if (marker := _read(file))]
        if dead:
            _take_away(cluster, dead, request_timeout_ms=_SWEEP_MS)


def forget_embedded() -> None:
    """Delete the markers of the embedded brokers, whose data are gone."""
    embedded = {_embedded(size) for size in shared.SIZES}
    with orphans(marker.file for marker in _markers() if marker.place in embedded) as files:
        for file in files:
            file.unlink(missing_ok=True)


def _take_away(cluster: Cluster, markers: Sequence[_Marker], **settings: Any) -> None:
    """Delete topics, groups, and then the marker; the marker stays for the next start if anything else stays."""
    prefixes = tuple(f"{marker.namespace}." for marker in markers)
    try:
        with closing(cluster.admin(**settings)) as admin:
            delete(admin, [name for name in admin.list_topics() if name.startswith(prefixes)])
            not_deleted = _delete_groups(admin, prefixes)
    except (KafkaError, ConnectionError, TimeoutError) as error:
        names = ", ".join(marker.namespace for marker in markers)
        log.warning("⚠️ topics stay until the next start", of=names, error=f"{type(error).__name__}: {error}"[:200])
        return
    for marker in markers:
        if not any(group.startswith(f"{marker.namespace}.") for group in not_deleted):
            marker.file.unlink(missing_ok=True)


def _delete_groups(admin: KafkaAdminClient, prefixes: tuple[str, ...]) -> list[str]:
    """Returns the groups that stay: until a killed member's session times out, its group is not empty."""
    groups = [group["group_id"] for group in admin.list_groups() if group["group_id"].startswith(prefixes)]
    answers = admin.delete_groups(groups).items() if groups else ()
    return [group for group, answer in answers if answer not in ("OK", GroupIdNotFoundError.__name__)]


def _place(cluster: Cluster) -> str:
    if external().bootstrap:
        return f"{cluster.user}@{','.join(cluster.bootstrap)}"
    return _embedded(shared.size())


def _embedded(size: int) -> str:
    return f"brokers-{size}"


def _markers() -> Iterator[_Marker]:
    for file in sorted(_folder().glob("*.json")):
        if marker := _read(file):
            yield marker


def _read(file: Path) -> _Marker | None:
    """None where it has just gone, is not written in full yet, or is another version's."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Marker)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _folder() -> Path:
    folder = run_dir() / "fresh"
    folder.mkdir(exist_ok=True)
    return folder
