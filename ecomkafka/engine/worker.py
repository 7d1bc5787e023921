"""A worker: the thread that runs a service, from start to stop, crash or fencing."""

import threading
from collections.abc import Sequence
from typing import Any, Self

from kafka.errors import FencedInstanceIdError

from ecomkafka.clients import Cluster
from ecomkafka.clients.assignor import whereabouts
from ecomkafka.clients.groups import group_of, holder
from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.engine.loop import Loop
from ecomkafka.engine.service import Service
from ecomkafka.logs import log
from ecomkafka.waiting import seconds


class Crash(BaseException):
    """Raised at a point of the loop, it ends the worker as kill -9 does: no commit, no abort, no LeaveGroup."""


class Worker(Service):
    """A service that can be started and stopped. It runs in a thread of its own, or in the caller's thread."""

    def __init__(self, cluster: Cluster | Sequence[str], instance: str = "0", *, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(cluster, instance, clock=clock)
        self._thread: threading.Thread | None = None
        self._launching = threading.Lock()
        self._loop: Loop | None = None
        self._failure: Exception | None = None

    @property
    def memory(self) -> dict[str, Any]:
        """The committed state of its partitions. Thread-safe."""
        states = list(self._loop.states.values()) if self._loop is not None else []
        return {key: value for state in states for key, value in state.snapshot().items()}

    def start(self, timeout: float = 30.0) -> Self:
        """Run in a thread; returns when it is a member of its group and the state of its partitions is restored.

        Raises ConnectionError if no Kafka answers, LookupError if a topic is missing, TimeoutError, RuntimeError.
        """
        timeout = seconds(timeout)
        with self._launching:
            if self._thread is not None and self._thread.is_alive():
                raise RuntimeError(f"{self.identity} runs already: stop() it first")
            self.stopping.clear()
            self.ready.clear()
            self._thread = threading.Thread(target=self.run, name=self.identity, daemon=True)
            self._thread.start()
        if not self.ready.wait(timeout):
            self.stop()
            raise TimeoutError(f"{self.identity} was not ready in {timeout:.0f} s: {self.error or self.status}")
        if self._failure is not None:
            kind = type(self._failure) if isinstance(self._failure, ConnectionError | LookupError) else RuntimeError
            raise kind(f"{self.identity} did not start: {self._failure}") from self._failure
        return self

    def stop(self, timeout: float = 5.0) -> None:
        """Finish the current batch, leave the group and close everything; after half of `timeout` seconds drop the
        batch.

        Raises TimeoutError after `timeout` seconds: a handler does not return.
        """
        timeout = seconds(timeout)
        self.stopping.set()
        with self._launching:  # a thread that has not begun can't be waited for
            thread = self._thread
        if thread is None:
            return
        thread.join(timeout / 2)
        if thread.is_alive() and self._loop is not None:
            self._loop.cut_off()
            thread.join(timeout / 2)
        if thread.is_alive():
            raise TimeoutError(f"{self.identity} did not stop in {timeout:.0f} s")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def run(self) -> None:
        """Work in the caller's thread until `stop()`, or until another instance of this name fences it."""
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
            self.ready.set()

    def _successor(self) -> str:
        """The process that has taken this instance's name, and advice where that was hardly intended."""
        sentence = f"another instance runs as {self.identity}"
        self.taken_by = other = holder(self.cluster, group_of(self.name), self.identity)
        if other in (None, whereabouts()):
            return sentence
        name = repr(self.cluster.namespace) if self.cluster.namespace else "none"
        return (
            f"{sentence}, with the same namespace ({name}): {other}; stop one of the two, or choose another namespace"
        )

    def _end(self, status: str, error: str) -> None:
        self.status, self.error = status, error
        log.error("⚠️ stopped", service=self.name, instance=self.instance, status=status, error=error)
