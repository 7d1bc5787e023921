"""Waiting for a condition instead of sleeping: as a lesson does, with a shorter patience."""

from collections.abc import Callable
from typing import TypeVar

from ecomkafka.lab.waiting import until

T = TypeVar("T")


def eventually(predicate: Callable[[], T], timeout: float = 10.0, what: str = "the condition") -> T:
    """The first truthy answer of `predicate`; TimeoutError that names `what` after `timeout` seconds."""
    return until(predicate, timeout, what)
