"""The state in the memory of running services, to be compared with their changelogs."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from ecomkafka.clients import Cluster
from ecomkafka.engine.changelog import table
from ecomkafka.engine.worker import Worker

Memory = dict[str, dict[str, Any]]


MERGE_SECONDS = 5.0
"""A commit is on the broker before the service that made it has heard so and counts it."""


def live_and_restored(cluster: Cluster, workers: Iterable[Worker]) -> tuple[Memory, Memory]:
    """By service and key, for those of `workers` that run and have state, all instances together."""
    with_state = [worker for worker in workers if worker.state_type is not None]

    def running() -> list[Worker]:
        return [worker for worker in with_state if worker.status == "running"]  # one may be fenced meanwhile

    return agreed(lambda: _in_memory(running()), lambda: in_changelogs(cluster, running()))


def agreed(live: Callable[[], Memory], restored: Callable[[], Memory]) -> tuple[Memory, Memory]:
    """Both; where they differ they are read again for a while: they may be of different moments."""
    deadline = time.monotonic() + MERGE_SECONDS
    while True:
        both = live(), restored()
        if both[0] == both[1] or time.monotonic() > deadline:
            return both
        time.sleep(0.1)


def _in_memory(workers: Iterable[Worker]) -> Memory:
    memory: Memory = defaultdict(dict)
    for worker in workers:
        memory[worker.name] |= worker.memory
    return memory


def in_changelogs(cluster: Cluster, workers: Iterable[Worker]) -> Memory:
    """The state that a restart would give to these workers."""
    memory: Memory = {}
    for worker in {worker.name: worker for worker in workers}.values():
        rows = table(cluster, worker.hop, worker.state_type)
        memory[worker.name] = {key: value for key, value in rows.items() if worker.keep(value)}
    return memory
