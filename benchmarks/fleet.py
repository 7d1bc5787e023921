"""The shop as processes, and what they cost: each service `count` times, and the read model once."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Self

import psutil

from benchmarks.load import CATALOGUE, ITEMS, PLENTY
from ecomkafka.clients import Cluster
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.operations.system import SERVICES
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService

ONCE = ("read-model",)
"""It has one writer for each database."""


class Usage(NamedTuple):
    """Of all processes of a service together."""

    cpu_s: float
    """Seconds of CPU since they started."""
    rss_mb: float
    """Resident memory, in units of 1,000,000 bytes."""


class Fleet:
    """`with Fleet(cluster, 2) as fleet:` all are ready, and nothing runs out of stock."""

    def __init__(self, cluster: Cluster, count: int) -> None:
        self._cluster, self._count = cluster, count
        self._open = ExitStack()
        self._processes: list[ServiceProcess] = []
        self._client = OrderService(cluster, "client", catalogue=CATALOGUE)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def _start(self) -> None:
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="ecomkafka-bench-")))
        self._open.callback(self._client.stop)
        for service in SERVICES:
            for instance in range(1 if service in ONCE else self._count):
                command = ("benchmarks.service", service, str(instance))
                process = ServiceProcess(self._cluster, service, str(instance), home=folder, command=command)
                self._open.callback(process.stop)
                self._processes.append(process.start())
        for process in self._processes:
            process.wait_ready()
        shelves = InventoryService(self._cluster, "client")
        self._open.callback(shelves.stop)
        shelves.restock("opening", dict.fromkeys(CATALOGUE, PLENTY), CATALOGUE)

    def place(self, count: int) -> list[str]:
        """Orders of a client in this process."""
        return self._client.create_orders([{"customer_id": "ann", "items": ITEMS}] * count)

    def usage(self) -> dict[str, Usage]:
        """By service. Raises RuntimeError with its last words if one of the processes has ended."""
        found = dict.fromkeys(SERVICES, Usage(0.0, 0.0))
        for process in self._processes:
            if process.pid is None:
                raise RuntimeError(f"{process.service}-{process.instance} has ended: {process.last_words()}")
            cpu, rss = found[process.service]
            used = usage_of([process.pid])
            found[process.service] = Usage(cpu + used.cpu_s, rss + used.rss_mb)
        return found


def usage_of(pids: list[int]) -> Usage:
    """Of these processes together."""
    processes = [psutil.Process(pid) for pid in pids]
    times = [process.cpu_times() for process in processes]
    memory = sum(process.memory_info().rss for process in processes)
    return Usage(sum(t.user + t.system for t in times), memory / 1e6)
