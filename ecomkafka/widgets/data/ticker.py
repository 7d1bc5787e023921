"""The ticker: one thread that lets every panel of a shop refresh, once or twice a second."""

import threading
from collections.abc import Callable

INTERVAL = 0.7
"""Seconds between two looks: soon enough for the eye, seldom enough for the machine."""

_STOP_SECONDS = 10.0

Refresh = Callable[[], None]


class Ticker:
    """Calls what was added every `interval` seconds, and at once after a `kick`.

    A refresh tells of its own errors: what it raises would end the ticking for all.
    """

    def __init__(self, interval: float = INTERVAL) -> None:
        self._interval = interval
        self._refreshes: tuple[Refresh, ...] = ()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def add(self, refresh: Refresh) -> None:
        """From now on; the first one starts the thread. Raises RuntimeError after `stop`."""
        with self._lock:
            if self._stopping:
                raise RuntimeError("the ticker has stopped, as its shop has: make the panel of a shop that runs")
            self._refreshes += (refresh,)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="panels-ticker", daemon=True)
                self._thread.start()

    def remove(self, refresh: Refresh) -> None:
        with self._lock:
            self._refreshes = tuple(other for other in self._refreshes if other != refresh)

    def kick(self) -> None:
        """Refresh now: something was done that should be seen."""
        self._wake.set()

    def stop(self) -> None:
        """No refresh is under way or comes afterwards. Raises TimeoutError if one does not end in 10 s."""
        with self._lock:
            self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
            if self._thread.is_alive():
                raise TimeoutError(f"the panels' ticker did not stop in {_STOP_SECONDS:.0f} s: a refresh hangs")

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._interval)
            self._wake.clear()
            for refresh in self._refreshes:
                if self._stopping:
                    return
                refresh()
