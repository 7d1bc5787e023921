"""The control room's table of services: state, partitions, lag, records per second."""

import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from weakref import WeakKeyDictionary

from kafka.errors import KafkaError

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import group_of, lags
from ecomkafka.engine.worker import Worker
from ecomkafka.shop.instances import dies_at
from ecomkafka.widgets.drawing.markup import table

SIGNS = {"running": "✅", "recovering": "⚠️", "crashed": "💥", "stopped": "⏹️", "fenced": "⛔", "failed": "💥"}
COLUMNS = ("instance", "state", "partitions", "lag", "records/s")

EVERY_SECONDS = 1.0
_PATIENCE = 5
"""Nor is the lag asked for before so many times as long as the last answer took, but at the latest after:"""

_AT_MOST_SECONDS = 3.0

OVERDUE_SECONDS = 2.5
_RATE_SECONDS = 4.0


class Lags:
    """How far each service is behind, as Kafka said last."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lags: dict[tuple[str, int], int] = {}
        self._at = ""
        self._silent_since: float | None = None
        self._error: Exception | None = None
        self.due_at = 0.0
        """When to ask again, by the monotonic clock; infinite while somebody asks."""

    def ask(self) -> None:
        """Takes as long as Kafka takes, at most some ten seconds; if it does not answer, `check` says so."""
        started = time.monotonic()
        self._silent_since = self._silent_since or started
        try:
            found = lags(self._cluster)
            self._lags = {}
            for lag in found:
                key = lag.group, lag.partition
                self._lags[key] = self._lags.get(key, 0) + lag.lag
            self._at, self._silent_since, self._error = f"{datetime.now():%H:%M:%S}", None, None
        except (KafkaError, ConnectionError) as error:
            self._error = error
        finally:
            ended = time.monotonic()
            self.due_at = ended + min(max(EVERY_SECONDS, _PATIENCE * (ended - started)), _AT_MOST_SECONDS)

    def of(self, service: str, partitions: set[int]) -> int | None:
        """Records that wait in these partitions of all the topics it reads; None: not known yet."""
        return (
            sum(self._lags.get((group_of(service), partition), 0) for partition in partitions) if self._lags else None
        )

    def check(self) -> None:
        """Raises TimeoutError if the answer is overdue."""
        if self._silent_since is not None and time.monotonic() - self._silent_since > OVERDUE_SECONDS:
            what = f"the lags are those of {self._at}" if self._at else "the lags are not known"
            raise TimeoutError(f"Kafka does not answer, {what}") from self._error


class Speeds:
    """Records a second of each instance, over the last seconds."""

    def __init__(self) -> None:
        self._looks: WeakKeyDictionary[Worker, deque[tuple[float, int]]] = WeakKeyDictionary()

    def look(self, worker: Worker) -> float:
        now, handled = time.monotonic(), worker.handled
        looks = self._looks.setdefault(worker, deque())
        looks.append((now, handled))
        while now - looks[0][0] > _RATE_SECONDS and len(looks) > 2:
            looks.popleft()
        then, before = looks[0]
        return (handled - before) / (now - then) if now > then else 0.0


def partitions(workers: Sequence[Worker]) -> dict[Worker, set[int]]:
    """Whose they are; one that is dead keeps its own until another one has them."""
    held = {worker: set(worker._loop.states) if worker._loop else set() for worker in workers}
    for worker in workers:
        if worker.status not in ("running", "recovering"):
            others = (w for w in workers if w.name == worker.name and w.status == "running")
            held[worker] -= {partition for other in others for partition in held[other]}
    return held


def told(workers: Sequence[Worker], lags: Lags, speeds: Speeds) -> str:
    """The table of all instances."""
    held = partitions(workers)
    rows = [
        (
            worker.identity,
            _state(worker),
            ", ".join(map(str, sorted(held[worker]))) or "none",
            "?" if (lag := lags.of(worker.name, held[worker])) is None else lag,
            f"{speeds.look(worker):.0f}",
        )
        for worker in workers
    ]
    return table("Services", COLUMNS, rows)


def _state(worker: Worker) -> str:
    sign = SIGNS.get(worker.status, "⏳")
    if point := dies_at(worker):
        return f"{sign} {worker.status}, dies at {point}"
    if worker.error is None or worker.error.startswith(worker.status):
        return f"{sign} {worker.error or worker.status}"
    return f"{sign} {worker.status}: {worker.error}"
