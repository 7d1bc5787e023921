"""The retry policy of notifications: when a failed attempt is made again, and when it becomes a dead letter."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from ecomkafka.domain.basket import real, shown
from ecomkafka.messages import Value

DELAYS = (1.0, 4.0)
"""Seconds before the second and the third attempt: each wait is four times the one before."""

MAX_DELAY = 365 * 86_400

FAILURE = "failure."
"""Headers failure.1, failure.2, …: when and where each attempt was made, and why it failed."""


class Failure(Value, frozen=True):
    """Why an attempt failed, and whether another one may succeed."""

    retryable: bool
    text: str

    @property
    def classification(self) -> str:
        return "retryable" if self.retryable else "permanent"


class Retry(Value, frozen=True):
    """Try again after `delay` seconds, by way of the retry topic number `index`, counted from 0."""

    index: int
    delay: float


class DeadLetter(Value, frozen=True):
    """Give up, for this reason."""

    reason: str


@dataclass(frozen=True)
class RetryPolicy:
    """One attempt at once, then one after each of `delays` (seconds)."""

    delays: tuple[float, ...] = DELAYS

    def __post_init__(self) -> None:
        for delay in self.delays:
            if not (isinstance(delay, Real) and math.isfinite(delay) and delay >= 0):
                raise ValueError(f"retry delay is {delay!r}: seconds, 0 or more, are needed")

    @property
    def attempts(self) -> int:
        return len(self.delays) + 1

    def decide(self, attempt: int, failure: Failure) -> Retry | DeadLetter:
        """What follows when `attempt` (the first is 1) ended in `failure`."""
        if not failure.retryable:
            return DeadLetter(reason=failure.text)
        if attempt >= self.attempts:
            return DeadLetter(reason=f"attempt {attempt} of {self.attempts}: {failure.text}")
        return Retry(index=attempt - 1, delay=self.delays[attempt - 1])


def delays_of(delays: Any, retries: Sequence[str]) -> tuple[float, ...]:
    """One delay for each of `retries`, from numbers of any library. Raises ValueError that says what is allowed."""
    if isinstance(delays, str | bytes) or not isinstance(delays, Iterable):
        raise ValueError(f"retry_delays is {shown(delays)}: a list of seconds is needed, for example {DELAYS}")
    given = tuple(delays)
    if len(given) != len(retries):
        raise ValueError(f"retry_delays is {shown(given)}: one delay for each of {', '.join(retries)} is needed")
    return tuple(map(_seconds, given))


def _seconds(delay: Any) -> float:
    if (seconds := real(delay)) is None or not 0 <= seconds <= MAX_DELAY:
        raise ValueError(f"retry delay is {shown(delay)}: from 0 to {MAX_DELAY:,} seconds (365 days) are allowed")
    return seconds


def is_retryable(code: int | None) -> bool:
    """Of an SMTP reply: 5yz is permanent, 4yz transient (RFC 5321, 4.2.1); None, no reply, may be better next time."""
    return code is None or not 500 <= code < 600
