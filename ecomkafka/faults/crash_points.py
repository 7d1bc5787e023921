"""A crash at a named point of a worker's loop, on demand."""

import threading
import time

from ecomkafka.engine.worker import Crash, Worker

POINTS = (
    "after_poll",
    "after_effect",
    "after_handling",
    "after_produce",
    "after_offsets",
    "during_commit",
    "after_commit",
)
"""Where a crash is worth a try, in the sequence in which the loop comes to them.

`after_effect`: the handler has just sent the mail or made the charge, and has not returned yet. `after_handling`: every
record of the batch was handled. `during_commit`: the broker has committed, and the worker has not heard so.
"""

_COMMIT_SECONDS = 5.0


class CrashAt:
    """A crash that `crash` has put into a worker."""

    def __init__(self, worker: Worker, point: str, times: int, after: int) -> None:
        self.happened = threading.Event()
        """Set when the worker crashes the first time."""
        self.point = point
        self._worker, self._times, self._skip = worker, times, after

    def __call__(self, point: str) -> None:
        if point != self.point or not self._times:
            return
        if self._skip:
            self._skip -= 1
            return
        self._times -= 1
        if point == "during_commit":
            self._let_the_broker_commit()
        self.happened.set()
        raise Crash(f"crashed {point}")

    def _let_the_broker_commit(self) -> None:
        producer = self._worker._loop._producer if self._worker._loop else None
        deadline = time.monotonic() + _COMMIT_SECONDS
        while producer is not None and producer.is_ending and time.monotonic() < deadline:
            time.sleep(0.001)


def crash(worker: Worker, point: str, times: int = 1, after: int = 0) -> CrashAt:
    """Let `worker` crash at `point`, the next `times` times that it comes there, after it was there `after` times.

    The crash leaves what a killed process leaves: an open transaction and a silent member. The worker's `start()`, or a
    new worker of the same name, continues. Raises ValueError for an unknown point.
    """
    if point not in POINTS:
        raise ValueError(f"point is {point!r:.80}: {', '.join(POINTS)} are allowed")
    worker.at = fault = CrashAt(worker, point, times, after)
    return fault
