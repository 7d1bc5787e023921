"""Requests to another process of this machine: a file asks, a file answers.

A thread of its own answers each kind of question, so that a process can be asked whose other threads stand still.
Unlike a signal this works on every system.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ANSWER_SECONDS = 5.0
_POLL_SECONDS = 0.1
_STOP_SECONDS = 5.0


def ask(what: str, homes: Sequence[Path]) -> list[bytes | None]:
    """The answers of the processes of these homes, asked in parallel; None without an answer in time."""
    for home in homes:
        _answer(home, what).unlink(missing_ok=True)
        _question(home, what).touch()
    deadline = time.monotonic() + ANSWER_SECONDS
    while not all(_answer(home, what).exists() for home in homes) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS / 2)
    return [file.read_bytes() if (file := _answer(home, what)).exists() else None for home in homes]


@contextmanager
def answering(what: str, home: Path, answer: Callable[[], bytes | None]) -> Iterator[None]:
    """Answer requests with `answer` during the block; None means not yet."""
    over = threading.Event()
    responder = threading.Thread(
        target=_answer_requests, args=(what, home, answer, over), name=f"{what} requests", daemon=True
    )
    responder.start()
    try:
        yield
    finally:
        over.set()
        responder.join(_STOP_SECONDS)


def _answer_requests(what: str, home: Path, answer: Callable[[], bytes | None], over: threading.Event) -> None:
    while not over.wait(_POLL_SECONDS):
        if _question(home, what).exists() and (answered := answer()) is not None:
            _question(home, what).unlink()
            partial = home / f"{what}.partial"
            partial.write_bytes(answered)
            partial.replace(_answer(home, what))


def _question(home: Path, what: str) -> Path:
    return home / f"{what}.asked"


def _answer(home: Path, what: str) -> Path:
    return home / f"{what}.told"
