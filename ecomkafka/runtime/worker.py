"""What a service is: it says what to do with a record, and can be started and stopped. How it runs is in `loop.py`."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self

from kafka.errors import FencedInstanceIdError

from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.flow import Hop
from ecomkafka.logs import log
from ecomkafka.messages import Message
from ecomkafka.runtime.assignor import whereabouts
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.groups import group_of, holder
from ecomkafka.runtime.loop import Loop
from ecomkafka.runtime.record import Forward, Record
from ecomkafka.runtime.state import State


class Crash(BaseException):
    """Raised at a point of the loop it ends the worker as kill -9 would: no commit, no abort, no word to the group."""


class Worker(ABC):
    """One instance of a service. `instance` is its stable name: a new one of the same name fences the old one."""

    hop: ClassVar[Hop]
    state_type: ClassVar[Any] = None
    """What the changelog holds: a msgspec type; None for a service without state."""
    max_records: ClassVar[int] = 1_000
    """The largest batch, and so the largest transaction."""
    gather_ms: ClassVar[int] = 0
    """How long the broker may hold records back, so that more of them make one batch."""

    def __init__(self, cluster: Cluster | Sequence[str], instance: str = "0", *, clock: Clock = SYSTEM_CLOCK) -> None:
        self.cluster = Cluster.of(cluster)
        self.instance = instance
        self.clock = clock
        self.status = "new"
        self.error: str | None = None
        self.taken_by: str | None = None
        """The other process that has taken this one's name."""
        self.handled = 0
        """Records handled in committed transactions."""
        self.at: Callable[[str], None] = lambda point: None
        """Called at each named point of the loop; a lesson puts a crash there."""
        self.stopping = threading.Event()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: Loop | None = None
        self._failure: Exception | None = None

    @property
    def name(self) -> str:
        return self.hop.service

    @property
    def identity(self) -> str:
        """The instance's name in its group and the id of its transactions."""
        return f"{self.name}-{self.instance}"

    @property
    def memory(self) -> dict[str, Any]:
        """The state of its partitions as of the last commit; may be asked by another thread."""
        states = list(self._loop.states.values()) if self._loop is not None else []
        return {key: value for state in states for key, value in state.snapshot().items()}

    @property
    def owes(self) -> bool:
        """Whether something outside of Kafka is still to be undone, for which no record waits any more."""
        return False

    @abstractmethod
    def handle(self, record: Record, state: State) -> Iterable[Message | Forward]:
        """The answers to `record`; changes of `state` count with them. An exception sends the record to quarantine."""

    def tick(self, now: datetime, state: State) -> Iterable[Message | Forward]:
        """What is due by time alone; asked a few times a second for each partition."""
        return ()

    def due(self, record: Record) -> datetime | None:
        """When the record may be handled, if not at once. The others of its partition wait behind it."""
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

    def start(self, timeout: float = 30.0) -> Self:
        """Run in a thread; returns when the group has a place for it and the state of its partitions is restored.

        Raises ConnectionError if no Kafka answers, LookupError if a topic is missing, TimeoutError, RuntimeError.
        """
        if self._thread is not None and self._thread.is_alive():
            raise RuntimeError(f"{self.identity} runs already: stop() it first")
        self.stopping.clear()
        self._ready.clear()
        self._thread = threading.Thread(target=self.run, name=self.identity, daemon=True)
        self._thread.start()
        if not self._ready.wait(timeout):
            self.stop()
            raise TimeoutError(f"{self.identity} was not ready in {timeout:.0f} s: {self.error or self.status}")
        if self._failure is not None:
            kind = type(self._failure) if isinstance(self._failure, ConnectionError | LookupError) else RuntimeError
            raise kind(f"{self.identity} did not start: {self._failure}") from self._failure
        return self

    def stop(self, timeout: float = 5.0) -> None:
        """Finish the batch in hand, leave the group, close everything; after half of `timeout` seconds drop the batch.

        Raises TimeoutError after all of them: then a handler doesn't return.
        """
        self.stopping.set()
        if self._thread is not None:
            self._thread.join(timeout / 2)
            if self._thread.is_alive() and self._loop is not None:
                self._loop.cut_off()
                self._thread.join(timeout / 2)
            if self._thread.is_alive():
                raise TimeoutError(f"{self.identity} did not stop in {timeout:.0f} s")
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def run(self) -> None:
        """Work in the caller's thread, until `stop()` or until another instance has taken this one's name."""
        self.status, self.error, self.taken_by, self._failure = "starting", None, None, None
        try:
            self.on_start()
            try:
                self._loop = Loop(self)
                self._loop.run()
            finally:
                self.on_stop()
            self.status = "stopped"
        except FencedInstanceIdError:
            self._end("fenced", self._successor())
        except Crash as crash:
            self._end("crashed", str(crash))
        except Exception as error:  # noqa: BLE001 - the thread's last frame: nobody above could report it
            self._failure = error
            self._end("failed", f"{type(error).__name__}: {error}")
        finally:
            self._ready.set()

    def _successor(self) -> str:
        """Who has taken this one's name, and what to do where that was hardly meant."""
        sentence = f"another instance runs as {self.identity}"
        other = holder(self.cluster, group_of(self.name), self.identity)
        if other in (None, whereabouts()):
            return sentence
        self.taken_by = other
        name = repr(self.cluster.namespace) if self.cluster.namespace else "none"
        return (
            f"{sentence}, with the same namespace ({name}): {other}; stop one of the two, or choose another namespace"
        )

    def running(self) -> None:
        """The loop says: partitions are assigned, their state is restored, records are being handled."""
        self.status, self.error = "running", None
        self._ready.set()

    def recovering(self, error: Exception) -> None:
        """The loop says: the last transaction counts for nothing, and why."""
        self.status, self.error = "recovering", f"{type(error).__name__}: {error}"
        log.warning("⚠️ recovering", service=self.name, instance=self.instance, error=self.error)

    def _end(self, status: str, error: str) -> None:
        self.status, self.error = status, error
        log.error("⚠️ stopped", service=self.name, instance=self.instance, status=status, error=error)
