"""Waiting for a condition, with a limit: a lesson's cell never sleeps."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

EVERY = 0.02


def until(condition: Callable[[], T], timeout: float = 30.0, what: str = "the condition") -> T:
    """The first truthy answer of `condition`, asked every 20 ms.

    Raises TimeoutError that names `what` if there was none within `timeout` seconds. What `condition` itself raises
    comes through.
    """
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} s")
        time.sleep(EVERY)
    return answer
