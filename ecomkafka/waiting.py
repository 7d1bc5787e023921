"""Waiting for a condition, with a limit: a lesson's cell never sleeps."""

import time
from collections.abc import Callable
from typing import TypeVar

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import lags

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


def await_ends(
    cluster: Cluster, timeout: float, health: Callable[[], str], trouble: Callable[[], str | None] = lambda: None
) -> None:
    """Until every group is at the end of its topics. Raises TimeoutError that says which is not, and what `health`
    says; RuntimeError as soon as `trouble` says in a sentence why it will never be.
    """
    deadline = time.monotonic() + timeout
    while open_lags := [lag for lag in lags(cluster) if lag.lag]:
        if sentence := trouble():
            raise RuntimeError(f"some work may never be done here: {sentence}")
        if time.monotonic() > deadline:
            where = ", ".join(f"{lag.group} {lag.topic}:{lag.partition} by {lag.lag}" for lag in open_lags)
            raise TimeoutError(f"still behind after {timeout:.0f} s: {where} ({health()})")
        time.sleep(0.05)
