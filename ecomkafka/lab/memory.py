"""What running services have in memory, beside what their changelogs would give back to them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ecomkafka.runtime.changelog import table
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.worker import Worker

Memory = dict[str, dict[str, Any]]


def live_and_restored(cluster: Cluster, workers: Iterable[Worker]) -> tuple[Memory, Memory]:
    """By service and key, for those of `workers` that run and have state, all instances together.

    A key whose value changed while the changelog was read is left out of both: they are of different moments.
    """
    running = [worker for worker in workers if worker.state_type is not None and worker.status == "running"]
    before = _in_memory(running)
    restored = {
        worker.name: {
            key: value for key, value in table(cluster, worker.hop, worker.state_type).items() if worker.keep(value)
        }
        for worker in {worker.name: worker for worker in running}.values()
    }
    after = _in_memory(running)
    for name, rows in restored.items():
        moved = {k for k in before[name].keys() | after[name].keys() if before[name].get(k) != after[name].get(k)}
        for key in moved:
            before[name].pop(key, None)
            rows.pop(key, None)
    return before, restored


def _in_memory(workers: Iterable[Worker]) -> Memory:
    memory: Memory = defaultdict(dict)
    for worker in workers:
        memory[worker.name] |= worker.memory
    return memory
