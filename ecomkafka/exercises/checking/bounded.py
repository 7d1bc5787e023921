"""A time-limited call of a student's function: an endless loop or an exception becomes a verdict."""

import contextvars
import ctypes
import dis
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from ecomkafka.exercises.checking.kafka_share import KafkaShare

SECONDS = 2.0
"""What all calls of one check may take together."""

MAX_ITEMS = 100_000
"""Items of a generator that are looked at: an endless one must not fill the memory."""

PATIENCE = 1.0
"""Seconds in which a loop that was told to end has to."""

_POLL_SECONDS = 0.05
"""How often whoever waits for an answer looks whose time it takes."""


class NotAttempted(Exception):
    """The starter's placeholder is still there; in which line of its cell, if that is known."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__(line)
        self.line = line


def check_attempted(answer: Any) -> None:
    """Raises NotAttempted for `...`, and for a function that can reach the starter's NotImplementedError."""
    if answer is ...:
        raise NotAttempted
    if not (code := getattr(answer, "__code__", None)):
        return
    for instruction in dis.get_instructions(code):  # what stands below the last `return` is not compiled
        if instruction.argval == "NotImplementedError":
            raise NotAttempted(instruction.positions.lineno if instruction.positions else None)


NO_ANSWER = (
    "Kafka did not answer in time, so nothing can be said about your code. Check again; 'ecomkafka status' says how "
    "Kafka is."
)


class Failed(Exception):
    """The student's code raised, or did not come back; the text says which."""


class _Stop(BaseException):
    """Injected into a thread that has run for too long. No `except Exception` holds it."""


class Bounded:
    """Called like the function that it holds. After a first failure every further call raises that failure at once."""

    def __init__(self, function: Callable[..., Any], seconds: float = SECONDS, kafka: KafkaShare | None = None) -> None:
        self.function = function
        self.failure: Failed | NotAttempted | None = None
        self.passes: tuple[type[BaseException], ...] = ()
        """What the check expects to be raised: no failure, it comes through."""
        self.returned: list[Any] = []
        """The last result, if there is one."""
        self._seconds, self._left = seconds, seconds
        self._kafka = kafka or KafkaShare(seconds)
        self._one_at_a_time = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.call(self.function, *args, **kwargs)

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call `function` as if it were the one that is held. Raises TimeoutError if Kafka is silent, not the code."""
        with self._one_at_a_time:
            if self.failure is not None:
                raise self.failure
            call = _Call(function, args, kwargs)
            self._left = call.run(self._left, self._kafka)
            in_time = call.is_over
            stopped = in_time or call.stop()
            if self._kafka.error or (not in_time and self._kafka.is_silent):
                raise TimeoutError(NO_ANSWER) from self._kafka.error
            if not in_time:
                self.failure = Failed(_too_long(self._seconds, stopped))
            elif isinstance(call.error, self.passes):
                raise call.error
            elif isinstance(call.error, NotImplementedError):
                self.failure = NotAttempted(traceback.extract_tb(call.error.__traceback__)[-1].lineno)
            elif call.error is not None:
                self.failure = Failed(_describe(call.error, self.function))
            if self.failure is not None:
                raise self.failure
            self.returned = [call.result]
            return call.result


class _Call:
    """One call in a thread of its own, which sees the caller's context: what it prints lands in the caller's cell."""

    def __init__(self, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self._function, self._args, self._kwargs = function, args, kwargs
        self._context = contextvars.copy_context()
        self._thread = threading.Thread(target=self._run, name="answer", daemon=True)

    def _run(self) -> None:
        with suppress(_Stop):  # it may come when the work has just ended
            self._context.run(self._try)

    def _try(self) -> None:
        try:
            result = self._function(*self._args, **self._kwargs)
            # A generator runs here, under the limit, and not where its items are looked at.
            self.result = list(islice(result, MAX_ITEMS)) if isinstance(result, Iterator) else result
        except BaseException as error:  # noqa: BLE001 - the thread's last frame; the caller is told
            self.error = error

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def run(self, seconds: float, kafka: KafkaShare) -> float:
        """Start it, and wait until it is over or has used up these seconds; what is left of them.

        Seconds that were Kafka's don't count, until they are too many.
        """
        kafkas, deadline = kafka.seconds, time.monotonic() + seconds
        self._thread.start()
        left = seconds
        while left > 0 and not self.is_over and not kafka.is_silent:
            self._thread.join(_POLL_SECONDS)
            left = deadline - time.monotonic() + kafka.seconds - kafkas
        return left

    def stop(self) -> bool:
        """Inject an exception, again where it is caught; False for code that never returns to the interpreter."""
        deadline = time.monotonic() + PATIENCE
        while self._thread.is_alive() and time.monotonic() < deadline:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident or 0), ctypes.py_object(_Stop))
            self._thread.join(0.1)
        return not self._thread.is_alive()


def _too_long(seconds: float, stopped: bool) -> str:
    text = f"your code did not come back within {seconds:g} s and was stopped: is there a loop that never ends?"
    if stopped:
        return text
    return f"your code did not come back within {seconds:g} s and can't be stopped: restart the kernel when you like"


def _describe(error: BaseException, function: Callable[..., Any]) -> str:
    """The exception, and the student's own line where it came from."""
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code is not None and frame.filename == code.co_filename]
    place = f" in line {own[-1].lineno} of its cell, `{own[-1].line}`" if own and own[-1].line else ""
    return f"your code raised {type(error).__name__}: {error}{place}"
