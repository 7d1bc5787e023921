"""The listener that sends each check's result to the classroom, from a thread of its own."""

import atexit
import contextlib
import queue
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ecomkafka.classroom.results_topic import PROGRESS, Result, encode
from ecomkafka.clients import Cluster
from ecomkafka.clients.access.account import external
from ecomkafka.logs import log

_WAITING = 100
"""Results that may wait for a broker that doesn't answer; the next ones are lost, and the log says so."""

_SEND_SECONDS = 10.0
_STOP_SECONDS = 3.0


class Reporter:
    """Sends one student's results to the list. A listener of the exercises: call it with what a check has said."""

    def __init__(self, cluster: Cluster, student: str) -> None:
        self._cluster, self._student = cluster, student
        self._results: queue.Queue[Result | None] = queue.Queue(_WAITING)
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"reporter-{student}", daemon=True)
        self._thread.start()

    def __call__(self, lesson: str, question: str, outcome: Any, hints: int) -> None:
        """Returns at once."""
        result = Result(
            student=self._student, lesson=lesson, question=question, outcome=outcome, hints=hints, at=datetime.now(UTC)
        )
        try:
            self._results.put_nowait(result)
        except queue.Full:
            log.warning("⚠️ the classroom is not told of a check", question=f"{lesson}.{question}", waiting=_WAITING)

    def close(self) -> None:
        """Send what is waiting, for 3 s at most; what is then left is lost, and the log says so."""
        with contextlib.suppress(queue.Full):  # then there is no hope to send it all
            self._results.put_nowait(None)
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            self._given_up.set()
            log.warning("⚠️ the classroom was not told of the last checks", waiting=self._results.qsize())

    def _run(self) -> None:
        producer: Any = None
        while (result := self._results.get()) is not None and not self._given_up.is_set():
            try:
                producer = producer or self._cluster.producer()
                sent = producer.send(self._cluster.name(PROGRESS), encode(result), key=self._student.encode())
                sent.get(timeout=_SEND_SECONDS)
            except Exception as error:  # noqa: BLE001 - the thread's last frame: the next result gets a new producer
                log.warning("⚠️ the classroom was not told of a check", error=f"{type(error).__name__}: {error}")
                _close(producer)
                producer = None
        _close(producer)


def _close(producer: Any) -> None:
    """Raises nothing: what can't be closed must not keep the next result from being told."""
    if producer is None:
        return
    try:
        producer.close(timeout=1.0)
    except Exception as error:  # noqa: BLE001 - the thread's last frame, too
        log.warning("⚠️ the classroom's producer was not closed", error=f"{type(error).__name__}: {error}")


_reporters: dict[Cluster, Reporter] = {}


def tell_classroom(lesson: str, question: str, outcome: str, hints: int) -> None:
    """A listener that does nothing unless ECOMKAFKA_USER is set, now and not when the exercises were imported."""
    room = external()
    if not room.access.user or not room.bootstrap:
        return
    cluster = replace(Cluster.of(room.bootstrap), namespace="")  # the list is the room's, not below the user's name
    if cluster not in _reporters:
        _reporters[cluster] = Reporter(cluster, cluster.user)
    _reporters[cluster](lesson, question, outcome, hints)


@atexit.register
def close_reporters() -> None:
    """The last check before the kernel ends is told, too."""
    while _reporters:
        _reporters.popitem()[1].close()
