"""A flight recorder: the last point of its loop that a process passed, readable after it was killed or frozen.

One byte in a file that is mapped into memory: writing it costs nothing, and what is written survives kill -9.
"""

import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from ecomkafka.faults.crash_points import POINTS
from ecomkafka.operations.service_process import ServiceProcess

PASSED = ("starting", "before_poll", *POINTS)
"""`before_poll`: nothing is in hand; `starting`: it has not polled yet."""


class LastPoint:
    """Records each point; to be set as `Worker.at`."""

    def __init__(self, home: Path) -> None:
        file = _file(home)
        file.write_bytes(b"\0")
        with file.open("r+b") as opened:
            self._byte = mmap.mmap(opened.fileno(), 1)

    def __call__(self, point: str) -> None:
        self._byte[0] = PASSED.index(point)


def last_point(home: Path) -> str | None:
    """The last point that the process of this home has passed; None if it is unknown."""
    try:
        return PASSED[_file(home).read_bytes()[0]]
    except (FileNotFoundError, IndexError):
        return None


class PointedProcess(ServiceProcess):
    """A service process that calls `on_stop` with its last point, if known, each time it is killed or frozen."""

    def __init__(self, *arguments: Any, on_stop: Callable[[str], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._on_stop = on_stop

    def start(self) -> Self:
        _file(self.home).unlink(missing_ok=True)
        return super().start()

    def kill(self) -> None:
        ran = self.is_alive
        super().kill()
        if ran:
            self._report()

    def pause(self) -> None:
        super().pause()
        self._report()

    def _report(self) -> None:
        if point := last_point(self.home):
            self._on_stop(point)


def _file(home: Path) -> Path:
    return home / "last-point"
