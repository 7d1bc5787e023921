"""Strikes: what happens to a process, at a moment that can be observed on its wire and not after a time."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from ecomkafka.exercises.capstone.student_process import StudentProcess
from ecomkafka.exercises.capstone.wire import BEGIN, COMMIT, COMMIT_IN_TRANSACTION, END, HEARTBEAT, PRODUCE, Event
from ecomkafka.faults.fault_rules import Fault

HEARTBEATS = 8
"""So many heartbeats of its own are time enough for a program to do what it would do."""

SECONDS = 10.0
"""The same for one that has no heartbeat."""

ANSWER_SECONDS = 2.0
"""A commit that comes before its answer has reached the broker waits for it so long."""

FROZEN_SECONDS = 60.0

_LAST_WORDS = (COMMIT, COMMIT_IN_TRANSACTION, END)
"""With them a program ends what it had in hand."""


class Strike(ABC):
    """To be set as the `strike` of the process's wire, before the request of the order is sent."""

    def __init__(self, process: StudentProcess, log: list[Event], answers: str, order_id: str) -> None:
        self.order_id = order_id
        self.done = threading.Event()
        """Set when it has struck."""
        self._process, self._log, self._answers = process, log, answers

    @abstractmethod
    def __call__(self, event: Event) -> Fault | None: ...

    def _answers_it(self, event: Event) -> bool:
        return event.what == PRODUCE and event.carries(self._answers, self.order_id)

    def _is_asked(self) -> bool:
        return any(map(self._answers_it, list(self._log)))

    def _kill(self) -> Fault:
        self._process.kill()
        self._log.append(Event(self._process.name, "kill -9"))
        self.done.set()
        return Fault.LOSE_REQUEST

    def _wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not (held := condition()) and time.monotonic() < deadline:
            self.done.wait(0.01)
        return held


class KillBeforeAnswer(Strike):
    """Holds the answer to an order back until the order's offset is committed, or long enough; then it kills."""

    commit_came_first = False
    """Whether the program would not send the answer before it had heard that its commit was done."""

    def __call__(self, event: Event) -> Fault | None:
        if self.done.is_set():
            return None
        if event.what == COMMIT and not self._is_asked():
            self._hold(event)
        if not self._answers_it(event):
            return None
        start = len(self._log)
        self._wait(lambda: self._is_committed() or self._beats(start) >= HEARTBEATS, SECONDS)
        return self._kill()

    def _hold(self, commit: Event) -> None:
        """Hold back a commit that comes before the answer: that may be on its way, or wait for the commit."""
        if self._wait(lambda: request_of(self._log, self.order_id) is not None, ANSWER_SECONDS):
            covers = commit.covers(request_of(self._log, self.order_id))
            self.commit_came_first |= covers and not self._wait(self._is_asked, ANSWER_SECONDS)

    def _is_committed(self) -> bool:
        commits = [e for e in list(self._log) if e.what == COMMIT and e.answered and e.who == self._process.name]
        return any(e.covers(request_of(self._log, self.order_id)) for e in commits)

    def _beats(self, start: int) -> int:
        return sum(e.what == HEARTBEAT and e.who == self._process.name and e.answered for e in self._log[start:])


class KillAtCommit(Strike):
    """Kills when the broker has the answer to an order, and is about to hear that the order is done."""

    in_transaction = False
    """Whether only the end of a transaction counts as that: a commit outside of one passes."""

    def __call__(self, event: Event) -> Fault | None:
        if self.done.is_set() or not self._wait(lambda: request_of(self._log, self.order_id) is not None, SECONDS):
            return None
        if self._is_commit(event) and self._wait(self._is_written, ANSWER_SECONDS):
            return self._kill()
        return None

    def _is_commit(self, event: Event) -> bool:
        if event.what == END:
            return event.committed and self._is_asked()
        outside = event.what == COMMIT and not self.in_transaction
        return outside and event.covers(request_of(self._log, self.order_id))

    def _is_written(self) -> bool:
        return any(self._answers_it(event) and event.answered for event in list(self._log))


class KillAtEnd(KillAtCommit):
    """Kills at the end of the transaction in which the order was answered."""

    in_transaction = True


class FreezeAtAnswer(Strike):
    """Freezes the process when its answer to an order is on the way, or its offset, if that comes earlier.

    The answer arrives; an offset, or the end of a transaction, stays on the way until the process has thawed.
    """

    held: tuple[str, ...] = _LAST_WORDS

    def __init__(self, process: StudentProcess, log: list[Event], answers: str, order_id: str) -> None:
        super().__init__(process, log, answers, order_id)
        self._thawed = threading.Event()
        self._thawed_at, self._thawed_time = 0, 0.0

    def __call__(self, event: Event) -> Fault | None:
        if not self.done.is_set() and self._is_moment(event):
            self._process.freeze()
            self._log.append(Event(self._process.name, "frozen"))
            self.done.set()
        if self.done.is_set() and event.what in self.held:
            self._wait(lambda: self._may_go_on() or self._process.ended, FROZEN_SECONDS)
        return None

    def thaw(self) -> None:
        self._thawed_at, self._thawed_time = len(self._log), time.monotonic()
        self._log.append(Event(self._process.name, "thawed"))
        self._process.thaw()
        self._thawed.set()

    def _is_moment(self, event: Event) -> bool:
        return self._answers_it(event) or self._finishes(event)

    def _may_go_on(self) -> bool:
        return self._thawed.is_set()

    def _finishes(self, event: Event) -> bool:
        return event.what in (COMMIT, COMMIT_IN_TRANSACTION) and self._known() and event.covers(self._request())

    def _known(self) -> bool:
        return self._wait(lambda: self._request() is not None, ANSWER_SECONDS)

    def _request(self) -> Event | None:
        return request_of(self._log, self.order_id)


class FreezeBeforeAnswer(FreezeAtAnswer):
    """Freezes the process before Kafka has heard anything of its answer: no time-out of a transaction can stop it.

    What it was about to say arrives after the thaw, when a heartbeat has told it that it is out of the group.
    """

    held = (BEGIN, PRODUCE, *_LAST_WORDS)

    def _is_moment(self, event: Event) -> bool:
        return super()._is_moment(event) or (event.what == BEGIN and self._known())

    def _may_go_on(self) -> bool:
        later = list(self._log)[self._thawed_at :]
        beats = any(e.who == self._process.name and e.what == HEARTBEAT and e.answered for e in later)
        return self._thawed.is_set() and (beats or time.monotonic() > self._thawed_time + SECONDS)


def request_of(log: list[Event], order_id: str) -> Event | None:
    """Where the order's newest request lies, as soon as it is known."""
    sent = [event for event in list(log) if event.who == "client" and event.name == order_id and event.offsets]
    return sent[-1] if sent else None
