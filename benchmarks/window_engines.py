"""Who computes the windows: the shop's analytics, Kafka Streams and Spark, each with so many workers.

`with` starts them; `finish` returns when they have read all there is; `usage` is that of all their processes.
"""

import tempfile
from contextlib import ExitStack, closing
from functools import partial
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, Self

import psutil
from kafka import KafkaAdminClient, KafkaConsumer

from benchmarks.fleet import Usage, usage_of
from benchmarks.weeks import SECONDS, TOPIC, Figures, of_instances, of_shop
from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import group_of, lags
from ecomkafka.clients.reader import partitions_of
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.services.analytics import windows
from ecomkafka.spark import StandaloneCluster, connector, five_minute_windows, session
from ecomkafka.streams.instances import Instance
from ecomkafka.streams.java_machine import STREAMS
from ecomkafka.waiting import until


class Engine(Protocol):
    name: str

    def __init__(self, cluster: Cluster, workers: int) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...
    def finish(self) -> None: ...
    def figures(self) -> Figures: ...
    def usage(self) -> Usage: ...

    @staticmethod
    def disk_mb() -> float:
        """What it adds to an installed shop, Java apart."""


class Analytics:
    """A worker is a process of the analytics service."""

    name = "analytics (ours)"

    def __init__(self, cluster: Cluster, workers: int) -> None:
        self._cluster, self._workers, self._open = cluster, workers, ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            folder = Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="ecomkafka-bench-")))
            processes = []
            for number in range(self._workers):
                command = ("benchmarks.patient_analytics", str(number))
                process = ServiceProcess(self._cluster, "analytics", str(number), home=folder, command=command)
                opening.callback(process.stop)
                processes.append(process.start())
            for process in processes:
                process.wait_ready()
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def finish(self) -> None:
        group = group_of("analytics")
        until(lambda: not any(at.lag for at in lags(self._cluster) if at.group == group), SECONDS, "analytics is done")

    def figures(self) -> Figures:
        return of_shop(windows(self._cluster))

    def usage(self) -> Usage:
        return _usage_of_all("benchmarks.patient_analytics")

    @staticmethod
    def disk_mb() -> float:
        return 0.0


class KafkaStreams:
    """A worker is a process with one thread."""

    name = "Kafka Streams"

    def __init__(self, cluster: Cluster, workers: int) -> None:
        self._cluster, self._open = cluster, ExitStack()
        self._application = "windows"
        self._instances = [Instance(cluster, self._application) for _ in range(workers)]

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            for instance in self._instances:
                opening.enter_context(instance)
            until(lambda: all(i.state == "RUNNING" for i in self._instances), SECONDS, "all instances run")
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def finish(self) -> None:
        """First all events are on the repartition topic, then all of that is read."""
        reader = self._cluster.consumer(isolation_level="read_uncommitted")
        with closing(self._cluster.admin()) as admin, reader as consumer:
            for topic in (TOPIC, f"{self._application}-windows-repartition"):
                until(partial(self._has_read, admin, consumer, topic), SECONDS, f"{topic} is read")

    def _has_read(self, admin: KafkaAdminClient, consumer: KafkaConsumer, topic: str) -> bool:
        group = self._cluster.name(self._application)
        committed = admin.list_group_offsets([group]).get(group, {})
        ends = consumer.end_offsets(partitions_of(consumer, self._cluster, topic))
        return all(not end or (place in committed and committed[place].offset >= end) for place, end in ends.items())

    def figures(self) -> Figures:
        return of_instances(self._instances)

    def usage(self) -> Usage:
        return _usage_of_all("ecomkafka.streams.instance")

    @staticmethod
    def disk_mb() -> float:
        return _package_mb("jpype1") + sum(jar.size for jar in STREAMS.jars) / 1e6


class Spark:
    """A worker is a thread of the driver: local[2] has two. Python only asks; the work is Java's."""

    name = "Spark, one process"

    def __init__(self, cluster: Cluster, workers: int) -> None:
        self._cluster, self._workers, self._open = cluster, workers, ExitStack()
        self._spark: Any = None

    def __enter__(self) -> Self:
        self._spark = self._open.enter_context(session(f"local[{self._workers}]", partitions=self._workers))
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def finish(self) -> None:
        """A query ends at the end of the topic; the next one goes on from there."""
        five_minute_windows.finish(five_minute_windows.start(self._spark, self._cluster), SECONDS)

    def figures(self) -> Figures:
        return five_minute_windows.figures(self._spark)

    def usage(self) -> Usage:
        return _usage_of_all("org.apache.spark.")

    @staticmethod
    def disk_mb() -> float:
        jars = sum(jar.size for jar in connector.CONNECTOR.jars) / 1e6
        return _package_mb("pyspark") + _package_mb("py4j") + jars


class SparkCluster(Spark):
    """A worker is one of Spark's own cluster, with an executor: a master, workers, executors and the driver."""

    name = "Spark, its own cluster"

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            cluster = opening.enter_context(StandaloneCluster(self._workers))
            self._spark = opening.enter_context(session(cluster.url, partitions=self._workers))
            self._open = opening.pop_all()
        return self


ENGINES: list[type[Engine]] = [Analytics, KafkaStreams, *([Spark, SparkCluster] if find_spec("pyspark") else [])]
"""Spark takes part where its extra is installed."""


def _usage_of_all(mark: str) -> Usage:
    """Of all processes below this one that were started with `mark`."""
    below = psutil.Process().children(recursive=True)
    return usage_of([process.pid for process in below if _has(mark, process)])


def _has(mark: str, process: psutil.Process) -> bool:
    try:
        return any(mark in word for word in process.cmdline())
    except psutil.Error:  # it has ended
        return False


def _package_mb(name: str) -> float:
    files = [Path(str(file.locate())) for file in distribution(name).files or ()]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6
