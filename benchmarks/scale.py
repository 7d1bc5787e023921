"""More processes of each service, and more orders: how the rate grows, and whether cost and memory stay flat.

Rates are to the last notification. CPU time is the processes' own, so it says much on a machine that does other things
as well. Topics have three partitions: of four processes of a service one has nothing to do.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.fleet import Fleet, Usage, usage_of
from benchmarks.load import Notified, Place, many, quiet
from benchmarks.saga import our_shop
from benchmarks.surroundings import namespace
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster

THREADS = 0
"""Stands for the shop as threads of one process."""

QUICK: dict[str, Any] = {"orders": 1_000, "processes": (1, 2), "closed": (500, 1_000, 2_000), "sample": 500}


def run(
    broker: Broker,
    orders: int = 10_000,
    processes: Sequence[int] = (1, 2, 4),
    closed: Sequence[int] = (1_000, 10_000, 100_000),
    sample: int = 5_000,
) -> dict[str, Any]:
    """`orders` orders with so many `processes` of each service; what `sample` more cost when so many are `closed`.

    A sample should be of several thousand: then each partition's checkpoint, which is not due every second, is in it.
    """
    rates = {count: _rate(broker.bootstrap, count, orders) for count in (THREADS, *processes)}
    growth = _growth(broker, closed, sample)
    last, before = growth[-1], growth[-2]
    return {
        "processes": [{"processes": count, "orders_per_s": rate} for count, rate in rates.items()],
        "growth": growth,
        "processes_to_threads": max(rates[count] for count in processes) / rates[THREADS],
        "cost_growth": sum(last["cpu_us"].values()) / sum(before["cpu_us"].values()),
        "memory_growth": sum(last["rss_mb"].values()) / sum(before["rss_mb"].values()),
    }


@contextmanager
def _running(cluster: Cluster, processes: int) -> Iterator[Place]:
    if processes == THREADS:
        with our_shop(cluster) as (_, place):
            yield place
    else:
        with Fleet(cluster, processes) as fleet:
            yield fleet.place


def _rate(bootstrap: str, processes: int, orders: int) -> float:
    with (
        namespace(bootstrap, f"scale-{processes}") as cluster,
        _running(cluster, processes) as place,
        Notified(cluster) as notified,
    ):
        many(notified, place, orders // 10)
        started = time.monotonic()
        many(notified, place, orders)
        return orders / (time.monotonic() - started)


def _growth(broker: Broker, closed: Sequence[int], sample: int) -> list[dict[str, Any]]:
    """One process of each service: memory when so many orders are closed, and what the next ones cost."""
    with (
        namespace(broker.bootstrap, "growth") as cluster,
        Fleet(cluster, 1) as fleet,
        Notified(cluster) as notified,
    ):
        found, done = [], 0
        for count in closed:
            many(notified, fleet.place, count - done)
            quiet(cluster)
            before, started = _usage(broker, fleet), time.monotonic()
            many(notified, fleet.place, sample)
            seconds = time.monotonic() - started
            quiet(cluster)
            found.append(_cost(before, _usage(broker, fleet), sample, seconds) | {"closed": count})
            done = count + sample
        return found


def _usage(broker: Broker, fleet: Fleet) -> dict[str, Usage]:
    pids = [process.pid for node in broker.nodes if (process := node.process)]
    return {**fleet.usage(), "broker": usage_of(pids)}


def _cost(before: dict[str, Usage], after: dict[str, Usage], orders: int, seconds: float) -> dict[str, Any]:
    cpu_us = {service: (used.cpu_s - before[service].cpu_s) / orders * 1e6 for service, used in after.items()}
    memory = {service: used.rss_mb for service, used in before.items()}
    return {
        "orders_per_s": orders / seconds,
        "broker_cpu_us": cpu_us.pop("broker"),
        "cpu_us": cpu_us,
        "broker_rss_mb": memory.pop("broker"),
        "rss_mb": memory,
    }
