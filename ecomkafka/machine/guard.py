"""The guard process: ends a private broker whose Python process was killed.

Run as a program it waits until its standard input ends, which happens however the parent dies, on every system.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any
from weakref import WeakSet

import psutil

_SECONDS = 10.0

DETACHED: dict[str, Any] = (
    {"creationflags": 0x00000200 | 0x08000000}  # CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW
    if os.name == "nt"
    else {"start_new_session": True}
)
"""Arguments for subprocess: the child does not get this terminal's Ctrl-C and does not end with it."""

_PIPES: WeakSet[IO[Any]] = WeakSet()


def close_in_forks(pipe: IO[Any]) -> None:
    """Who waits for the pipe's end would otherwise wait for the ends of all children that this process forks, too."""
    _PIPES.add(pipe)


def _close_pipes() -> None:
    for pipe in _PIPES:
        pipe.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_pipes)


class Guard:
    """A process that ends the nodes and services of `folder`/*/pid when this one has ended, and may delete `folder`."""

    def __init__(self, folder: Path, delete: bool) -> None:
        command = [sys.executable, "-P", __file__, str(folder), "delete" if delete else "keep"]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, **DETACHED)
        assert self._process.stdin is not None
        close_in_forks(self._process.stdin)

    def __enter__(self) -> "Guard":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the nodes and services now, and wait for that."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(2 * _SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_SECONDS)


def process_of(pid_file: Path, mark: str) -> psutil.Process | None:
    """The process of a pid file, if it lives and was started with `mark`: the pid may be another program's by now."""
    try:
        process = psutil.Process(int(pid_file.read_text(encoding="utf-8")))
        return process if _has(mark, process.cmdline()) else None
    except (OSError, ValueError, psutil.Error):
        return None


def _service_of(pid_file: Path) -> psutil.Process | None:
    """As `process_of`, for a service: its home, in which the file lies, is in its environment."""
    try:
        process = psutil.Process(int(pid_file.read_text(encoding="utf-8")))
        return process if _has(str(pid_file.parent), process.environ().values()) else None
    except (OSError, ValueError, psutil.Error):
        return None


def _has(mark: str, arguments: Iterable[str]) -> bool:
    return any(mark in argument for argument in arguments)


def _end(folder: Path, delete: bool) -> None:
    files = list(folder.glob("*/pid"))
    processes = [process for file in files if (process := process_of(file, str(folder)) or _service_of(file))]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=_SECONDS)
    if delete:
        shutil.rmtree(folder, ignore_errors=True)  # Windows keeps a dying process's files for a moment


if __name__ == "__main__":
    sys.stdin.buffer.read()
    _end(Path(sys.argv[1]), sys.argv[2] == "delete")
