"""What a benchmark runs in: topics of its own, environment variables, the machine."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics, delete_topics


def machine() -> dict[str, Any]:
    """Where the figures come from; `busy` is the share of its CPU time, 0 to 1, that others took in the last second."""
    return {
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": platform.system(),
        "python": platform.python_version(),
        "kafka": Broker.version,
        "busy": psutil.cpu_percent(interval=1.0) / 100,
    }


@contextmanager
def namespace(bootstrap: str, name: str) -> Iterator[Cluster]:
    """Topics of its own, deleted at the end."""
    cluster = Cluster.of(bootstrap, f"bench-{name}-{time.time_ns()}")
    create_topics(cluster)
    try:
        yield cluster
    finally:
        delete_topics(cluster)


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """These environment variables for a block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
