"""A desk with one clerk: whoever is served or waits has a place in its queue. What does a rush of orders do to it?"""

import threading
import time
from typing import Any, Protocol, Self

from ecomkafka.lessons.front_door.door import Door

WORK_SECONDS = 0.05
"""What one order takes: so the clerk does 20 per second."""

PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.002


class Waiting:
    """An order in the queue, or in the clerk's hands; `done` is set when the clerk has placed it."""

    def __init__(self, order: Any) -> None:
        self.order, self.done = order, threading.Event()


class Queue(Protocol):
    waiting: list[Waiting]

    def put(self, request: Waiting, /) -> bool:
        """Whether its order may wait. The desk calls it for one request after the other."""


class Desk:
    """A door whose orders wait in `queue` until the one clerk has time; what `put` refuses is answered with 503.

    After the order number `away_after` the clerk is away, for `away_for` seconds.
    """

    def __init__(self, queue: Queue, away_after: int = 0, away_for: float = 0.0) -> None:
        self._queue, self._away_after, self._away_for = queue, away_after, away_for
        self._came: list[Waiting] = []
        self._one_at_a_time = threading.Lock()
        self._closing = threading.Event()
        self._clerk = threading.Thread(target=self._work, name="clerk", daemon=True)
        self._clerk.start()
        self._door = Door(self._take)
        self.url = self._door.url

    @property
    def came(self) -> int:
        """How many orders have come, with those that were refused."""
        return len(self._came)

    def _take(self, order: Any) -> tuple[int, Any]:
        """In the thread of one request."""
        waiting = Waiting(order)
        self._came.append(waiting)
        with self._one_at_a_time:  # or nine of those who look at once would take eight places
            may_wait = self._queue.put(waiting)
        if not may_wait:
            return 503, {"detail": "too many orders wait"}
        waiting.done.wait(PATIENCE_SECONDS)
        return 202, {"status": "PENDING"}

    def _work(self) -> None:
        placed, free = 0, time.monotonic()
        while not self._closing.is_set():
            if not self._queue.waiting:
                self._closing.wait(_LOOK_SECONDS)
                free = time.monotonic()
                continue
            order = self._queue.waiting[0]
            free += WORK_SECONDS  # counted from the last end: a busy machine makes the clerk no slower
            self._closing.wait(max(0.0, free - time.monotonic()))
            self._queue.waiting.pop(0)  # it had its place while the clerk worked
            order.done.set()
            placed += 1
            if placed == self._away_after:
                self._closing.wait(self._away_for)
                free = time.monotonic()

    def close(self) -> None:
        self._closing.set()
        self._clerk.join(PATIENCE_SECONDS)
        for order in self._queue.waiting:
            order.done.set()  # nobody waits for its answer any more
        self._door.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
