"""Waiting for a condition instead of sleeping: as a lesson does, with more patience."""

from collections.abc import Callable
from typing import TypeVar

from ecomkafka.waiting import until

T = TypeVar("T")

PATIENCE = 90.0
"""Seconds: much more than a laptop needs that does other work as well. How fast something is, benchmarks say."""


def eventually(predicate: Callable[[], T], what: str = "the condition", timeout: float = PATIENCE) -> T:
    """The first truthy answer of `predicate`; TimeoutError that names `what` if there is none."""
    return until(predicate, timeout, what)
