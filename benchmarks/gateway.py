"""What the front door costs: POST /orders at more and more connections beside one client's `create_order`.

The gateway is a process of its own; no service runs, so only the way into Kafka is measured. All orders that wait go
into one transaction: that is why many connections get through more than one direct client.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.fleet import Usage, usage_of
from benchmarks.gateway_server import INSTANCE
from benchmarks.http_load import orders_by_http
from benchmarks.load import ITEMS, spread
from benchmarks.surroundings import namespace
from ecomkafka.broker import Broker
from ecomkafka.broker.ports import free_ports
from ecomkafka.clients import Cluster
from ecomkafka.machine.open_files import allow_open_files
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.services.order import OrderService

WARM = 300
AT_MEMORY = 50
"""Connections while memory is watched."""

QUICK: dict[str, Any] = {"direct": 50, "per_point": (50, 200, 500), "requests": (500, 1_000)}


class Served(NamedTuple):
    """A gateway that runs."""

    port: int
    process: ServiceProcess

    @property
    def usage(self) -> Usage:
        assert self.process.pid is not None
        return usage_of([self.process.pid])


@contextmanager
def serving(cluster: Cluster, metrics: bool = False) -> Iterator[Served]:
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="ecomkafka-bench-") as folder:
        command = ("benchmarks.gateway_server", str(port))
        settings = {"METRICS": str(free_ports(1)[0]) if metrics else ""}
        home = Path(folder)
        with ServiceProcess(cluster, "gateway", INSTANCE, home=home, command=command, settings=settings) as process:
            yield Served(port, process)


def run(
    broker: Broker,
    direct: int = 500,
    connections: Sequence[int] = (1, 50, 500),
    per_point: Sequence[int] = (500, 5_000, 10_000),
    requests: Sequence[int] = (10_000, 100_000),
) -> dict[str, Any]:
    """`direct` orders of one client, then `per_point` orders at so many `connections`; memory after so many `requests`
    in all.
    """
    allow_open_files(4 * max(connections))
    with namespace(broker.bootstrap, "gateway") as cluster:
        beside = _direct(cluster, direct)
        with serving(cluster) as served:
            orders_by_http(served.port, 10, WARM)
            rows = [_point(served.port, *point) for point in zip(connections, per_point, strict=True)]
            without_key = _point(served.port, connections[1], per_point[1], keys=False)
        for row in rows:
            row["to_direct"] = row["orders_per_s"] / beside["orders_per_s"]
        with serving(cluster) as served:
            memory = list(_memory(served, requests))
    growth = memory[-1]["rss_mb"] / memory[0]["rss_mb"]
    return {
        "direct": beside, "connections": rows, "without_key": without_key, "to_direct_at_most": rows[-1]["to_direct"],
        "memory": memory, "memory_growth": growth,
    }  # fmt: skip


def _direct(cluster: Cluster, count: int) -> dict[str, float]:
    orders, seconds = OrderService(cluster, "direct"), []
    try:
        for number in range(-count // 10, count):
            began = time.perf_counter()
            orders.create_order("ann", ITEMS)
            if number >= 0:
                seconds.append(time.perf_counter() - began)
    finally:
        orders.stop()
    return {"orders_per_s": count / sum(seconds)} | spread(seconds)


def _point(port: int, connections: int, count: int, keys: bool = True) -> dict[str, Any]:
    took, seconds = orders_by_http(port, connections, count, keys)
    return {"connections": connections, "orders_per_s": count / took} | spread(seconds)


def _memory(served: Served, requests: Sequence[int]) -> Iterator[dict[str, float]]:
    done = 0
    for count in requests:
        orders_by_http(served.port, AT_MEMORY, count - done)
        done = count
        yield {"requests": done, "rss_mb": served.usage.rss_mb}
