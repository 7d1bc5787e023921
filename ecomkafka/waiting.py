"""Waiting for a condition, with a limit: a lesson's cell never sleeps."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from ecomkafka.domain.basket import real, shown

T = TypeVar("T")

EVERY = 0.02

MAX_SECONDS = 1_000_000
"""Eleven days: no platform's lock can be waited for much longer than a month."""


def seconds(timeout: Any) -> float:
    """`timeout` in seconds: a number or a timedelta. Raises ValueError for what is no limit of a wait."""
    number = real(timeout.total_seconds() if isinstance(timeout, timedelta) else timeout)
    if number is None or not 0 <= number <= MAX_SECONDS:
        raise ValueError(
            f"timeout is {shown(timeout)}: a number of seconds from 0 to {MAX_SECONDS:,} is needed, for example 30"
        )
    return number


def until(condition: Callable[[], T], timeout: float = 30.0, what: str = "the condition") -> T:
    """The first truthy answer of `condition`, asked every 20 ms.

    Raises TimeoutError that names `what` if there was none within `timeout` seconds. What `condition` itself raises
    comes through.
    """
    timeout = seconds(timeout)
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} s")
        time.sleep(EVERY)
    return answer
