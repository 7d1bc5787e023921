"""A shop's life: one thread at a time starts or stops it; what needs an open shop asks here whether it is one."""

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from ecomkafka.clients import Cluster
from ecomkafka.domain.basket import shown
from ecomkafka.invariants.facts import ends_of
from ecomkafka.machine.forks import Maker

NOT_OPEN = "the shop is not open: start() it first"


class Lifecycle(ABC):
    """The part of a `Shop` that opens and closes it. `_state` is new, starting, open, stopping or closed."""

    cluster: Cluster
    _fresh: bool
    _open: contextlib.ExitStack
    """What is to be closed with the shop."""

    def __init__(self) -> None:
        self._state = "new"
        self._opener = Maker()
        """The process that has started it: a forked child has a copy."""
        self._turn = threading.RLock()
        """Who starts or stops the shop has it; a start that fails stops the shop itself."""

    @abstractmethod
    def _build(self) -> None:
        """Make all parts, with empty books."""

    @abstractmethod
    def _start(self) -> None:
        """Start all parts; each is on `_open` before it starts."""

    @abstractmethod
    def _close_rest(self) -> None:
        """Close what is not on `_open`: files, and clients, which may send before a start and after a stop."""

    def start(self) -> Self:
        """Create the topics, send the opening stock and start everything; undone if anything fails.

        An open shop stays open. A closed shop starts with an empty state (and, without a namespace, with new topics).
        """
        self._check_process()
        with self._turn:
            if self._state == "open":
                return self
            if self._state == "closed":
                self._close_rest()
                self._build()
            self._opener = Maker()
            self._state = "starting"
            try:
                self._start()
            except BaseException as error:
                self._stop_after(error)
                raise
            self._state = "open"
            return self

    def stop(self) -> None:
        """Stop everything in reverse sequence; every part is stopped even if another one fails.

        A shop that another thread starts is stopped when it is open. A closed shop stays closed. In a forked child it
        does nothing.
        """
        if not self._opener.is_here:
            return
        with self._turn:
            try:
                if self._state != "closed":
                    self._state = "stopping"
                    self._open.close()
            finally:
                self._state = "closed"
                self._close_rest()

    def on_close(self, close: Callable[[], Any]) -> None:
        """Call `close` when the shop stops, before any part of the shop ends."""
        self._check_open()
        if not callable(close):
            raise ValueError(f"close is {shown(close)}: a function without arguments is needed")
        self._open.callback(close)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_after(error)

    def _stop_after(self, error: BaseException | None) -> None:
        """If the stop fails after an `error`, both are told: an ExitStack cuts what was raised before it closes."""
        try:
            self.stop()
        except BaseException as failure:
            if error is not None and (first := _first(failure)) is not _first(error):
                first.__context__ = error
            raise

    def _check_open(self, *or_else: str) -> None:
        """Raises RuntimeError in any state but open and those given, and in a forked child."""
        self._check_process()
        if self._state not in ("open", *or_else):
            raise RuntimeError(NOT_OPEN)

    def _check_process(self) -> None:
        """One that is new or closed may be started in a forked child."""
        if self._state not in ("new", "closed"):
            self._opener.check("this shop", "open another one here, with Shop()")

    def _check_topics(self) -> None:
        """For what needs only topics: those of a given namespace may be there before start() and after stop(), too."""
        self._check_process()
        if self._state in ("open", "stopping"):
            return
        with contextlib.suppress(LookupError):
            if not self._fresh and ends_of(self.cluster):
                return
        raise RuntimeError(NOT_OPEN)

    def _admit(self) -> None:
        """For a client's request, and for the opening stock."""
        if self._state != "starting":
            self._check_topics()


def _first(error: BaseException) -> BaseException:
    """The error with which all began."""
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    return error
