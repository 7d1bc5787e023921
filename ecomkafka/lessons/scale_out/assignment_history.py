"""The history of a group's assignment: which member had which partition, and since when."""

import threading
import time
from collections.abc import Iterable
from contextlib import closing
from typing import Any, Self

from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import group_of
from ecomkafka.flow import HOPS, Hop
from ecomkafka.waiting import until

EVERY = 0.1

Assignment = dict[str, tuple[int, ...]]
"""Each instance's partitions of the first topic that its service reads; () for one that has none."""


def assignment(admin: Any, cluster: Cluster, hop: Hop) -> Assignment:
    """What the coordinator of the service's group says now; empty while there is none, or it rebalances the group."""
    group, topic = cluster.name(group_of(hop.service)), cluster.name(hop.reads[0])
    try:
        described = admin.describe_groups([group])[group]
    except (NotCoordinatorError, CoordinatorNotAvailableError, CoordinatorLoadInProgressError):
        return {}
    if described["group_state"] != "Stable":
        return {}
    found: Assignment = {}
    for member in described["members"]:
        topics = member["member_assignment"]["assigned_partitions"]
        parts = [number for entry in topics if entry["topic"] == topic for number in entry["partitions"]]
        found[member["group_instance_id"]] = tuple(sorted(parts))
    return dict(sorted(found.items()))


class AssignmentWatch:
    """Watches a service's group in a thread of its own, from `with` or `start()` on, until `stop()`."""

    def __init__(self, cluster: Cluster, service: str) -> None:
        self.samples: list[tuple[float, Assignment]] = []
        """Seconds since the start, and what was said then."""
        self.marks: list[tuple[float, str]] = []
        self._cluster, self._service = cluster, service
        self._started = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{service}", daemon=True)
        self._failure: Exception | None = None

    def mark(self, what: str) -> None:
        """Note for the figure what is being done now."""
        self.marks.append((time.monotonic() - self._started, what))

    def wait(self, instances: Iterable[str], timeout: float = 30.0) -> Assignment:
        """The assignment as soon as these instances, and no others, are the group's members."""
        wanted = set(instances)

        def newest() -> Assignment:
            self._check()
            now = self.samples[-1][1] if self.samples else {}
            return now if set(now) == wanted else {}

        return until(newest, timeout, f"a group of {', '.join(sorted(wanted))}")

    def rest(self, seconds: float = 3.0, timeout: float = 60.0) -> None:
        """Wait until the assignment has been the same for so many seconds, from now on."""
        called = time.monotonic() - self._started

        def at_rest() -> bool:
            self._check()
            since = time.monotonic() - self._started - seconds
            last = [now for at, now in self.samples if at >= since]
            return since >= called and len(last) > 0 and last[0] != {} and all(now == last[0] for now in last)

        until(at_rest, timeout, f"an assignment that stays for {seconds:g} s")

    @property
    def history(self) -> list[Assignment]:
        """The assignments one after the other, without the pauses between them."""
        known = [now for _, now in self.samples if now]
        return [now for before, now in zip([{}, *known], known, strict=False) if now != before]

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Raises what has ended the watching before its time."""
        self._over.set()
        self._thread.join(20)
        self._check()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            with closing(self._cluster.admin()) as admin:
                while not self._over.wait(EVERY):
                    now = assignment(admin, self._cluster, HOPS[self._service])
                    self.samples.append((time.monotonic() - self._started, now))
        except Exception as error:  # noqa: BLE001 - the thread's last frame: `wait` and `stop` raise it
            self._failure = error
