"""A background thread that repeats one task every second."""

import threading
import time
from collections.abc import Callable
from typing import Self

_EVERY_SECONDS = 1.0
_STOP_SECONDS = 30.0


class PeriodicTask(threading.Thread):
    """Calls `act` once a second; use it in a `with` block, whose end raises what `act` raised."""

    def __init__(self, name: str, act: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._act = act
        self._stopping = threading.Event()
        self._failure: Exception | None = None

    def run(self) -> None:
        due = time.monotonic() + _EVERY_SECONDS
        try:
            while not self._stopping.wait(max(0.0, due - time.monotonic())):
                self._act()
                due = max(due + _EVERY_SECONDS, time.monotonic())  # what came too late is not made up for
        except Exception as error:  # noqa: BLE001 - the thread's last frame: the end of the block raises it
            self._failure = error

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self.join(_STOP_SECONDS)
        if self.is_alive():
            raise TimeoutError(f"the thread {self.name!r} did not end in {_STOP_SECONDS:.0f} s")
        if self._failure is not None:
            raise self._failure
