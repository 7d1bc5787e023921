"""The interface of a service: how it handles a record. `loop.py` runs it, `worker.py` starts and stops it."""

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Forward, Record
from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.engine.observer import NOBODY, Observer
from ecomkafka.engine.state import State
from ecomkafka.flow import Hop
from ecomkafka.logs import log, log_messages
from ecomkafka.messages import Message


@dataclass
class Counts:
    """How many records were handled, and how many of them skipped, by "topic TYPE"."""

    handled: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: "Counts") -> Self:
        self.handled += other.handled
        self.skipped += other.skipped
        return self


class Service(ABC):
    """One instance of a service. `instance` is its stable name: a new instance of that name fences the old one."""

    hop: ClassVar[Hop]
    state_type: ClassVar[Any] = None
    """What the changelog holds: a msgspec type; None for a service without state."""
    max_records: ClassVar[int] = 1_000
    """The largest batch, and so the largest transaction."""
    gather_ms: ClassVar[int] = 0
    """How long the broker may wait for more records, so that a batch is larger (`fetch_max_wait_ms`)."""

    def __init__(self, cluster: Cluster | Sequence[str], instance: str = "0", *, clock: Clock = SYSTEM_CLOCK) -> None:
        self.cluster = Cluster.of(cluster)
        self.instance = instance
        self.clock = clock
        self.status = "new"
        self.error: str | None = None
        self.taken_by: str | None = None
        """Where the instance runs that has taken this one's name; None: nowhere, or it is not known."""
        self.handled = 0
        """Records handled in committed transactions, those that were skipped among them."""
        self.skipped: Counter[str] = Counter()
        """Of these, by "topic TYPE", how many only a newer version knows (see `Hop.may_skip`)."""
        self.at: Callable[[str], None] = lambda point: None
        """Called at each named point of the loop; a lesson puts a crash there."""
        self.admits: Callable[[], None] = lambda: None
        """Called before a client's request is sent; raises where none may be: a shop has it say that it is not open."""
        self.observer: Observer = NOBODY
        self.stopping = threading.Event()
        self.ready = threading.Event()

    @property
    def name(self) -> str:
        return self.hop.service

    @property
    def identity(self) -> str:
        """The instance's name in its group and the id of its transactions."""
        return f"{self.name}-{self.instance}"

    @property
    def owes(self) -> bool:
        """Whether something outside Kafka must still be undone, with no record left that would cause it."""
        return False

    @abstractmethod
    def handle(self, record: Record, state: State) -> Iterable[Message | Forward]:
        """The outputs for `record`; changes of `state` are committed with them. An exception sends the record to
        quarantine.
        """

    def tick(self, now: datetime, state: State) -> Iterable[Message | Forward]:
        """The outputs that are due by time alone; called a few times per second for each partition."""
        return ()

    def due(self, record: Record) -> datetime | None:
        """The earliest time of the record, or None. Later records of its partition wait too."""
        return None

    def closed(self, value: Any) -> bool:
        """Whether a value of the state is only remembered (see `State`)."""
        return False

    def keep(self, value: Any) -> bool:
        """Whether a value of the state stays in memory after its commit (see `State`)."""
        return True

    def on_start(self) -> None:  # noqa: B027 - a hook, not a duty
        """Open what the handlers need; runs in the worker's thread."""

    def on_stop(self) -> None:  # noqa: B027
        """Close it again."""

    def running(self) -> None:
        """Called by the loop: partitions are assigned, their state is restored, records are being handled."""
        self.status, self.error = "running", None
        self.ready.set()

    def committed(self, counts: Counts, outputs: Sequence[Message | Forward]) -> None:
        """Called by the loop: so much was handled, and this came of it. A type that is skipped for the first time is
        logged.
        """
        self.handled += counts.handled
        for kind in counts.skipped.keys() - self.skipped.keys():
            log.warning("⚠️ skipped: of a newer version", service=self.name, instance=self.instance, type=kind)
        self.skipped += counts.skipped
        self.observer.committed(outputs)
        log_messages(self.name, self.instance, outputs)

    def recovering(self, error: Exception) -> None:
        """Called by the loop: the last transaction was not committed, with the reason."""
        self.status, self.error = "recovering", f"{type(error).__name__}: {error}"
        self.observer.recovering()
        log.warning("⚠️ recovering", service=self.name, instance=self.instance, error=self.error)
