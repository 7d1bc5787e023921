"""The wait until every consumer group has handled every record of its topics."""

import time
from collections.abc import Callable

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import lags
from ecomkafka.waiting import seconds


def await_ends(cluster: Cluster, timeout: float, health: Callable[[], str], trouble: Callable[[], str | None]) -> None:
    """Until every group is at the end of its topics. Raises TimeoutError that says which is not, and what `health`
    says; RuntimeError as soon as `trouble` says in a sentence why it will never be.
    """
    timeout = seconds(timeout)
    deadline = time.monotonic() + timeout
    while open_lags := [lag for lag in lags(cluster) if lag.lag]:
        if sentence := trouble():
            raise RuntimeError(f"some work may never be done here: {sentence}")
        if time.monotonic() > deadline:
            where = ", ".join(f"{lag.group} {lag.topic}:{lag.partition} by {lag.lag}" for lag in open_lags)
            raise TimeoutError(f"still behind after {timeout:.0f} s: {where} ({health()})")
        time.sleep(0.05)
