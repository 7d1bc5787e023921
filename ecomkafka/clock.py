"""Time as an argument: the wall clock for a live shop, a hand-turned one for lessons and tests."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """Stands still until it is advanced, so that a deadline can pass without anybody waiting for it."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"start is {start}: a time with a zone is needed, for example datetime(…, tzinfo=UTC)")
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def advance(self, **span: float) -> datetime:
        """Move on by so many `seconds`, `minutes`, `hours` (the arguments of timedelta); returns the new time."""
        with self._lock:
            self._now += timedelta(**span)
            return self._now


SYSTEM_CLOCK = SystemClock()
