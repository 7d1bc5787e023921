"""The shared broker's state on this machine: its data, its size, and a lock for whoever changes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecomkafka.broker.cluster_nodes import read_nodes
from ecomkafka.broker.node import Node
from ecomkafka.machine.home import data_dir, home, run_dir
from ecomkafka.machine.locks import held

SIZES = (1, 3)
"""One node for daily use; three, so that one can be killed and nothing is lost."""

LOCK_SECONDS = 300.0
"""The first start fetches Kafka, and may take so long."""


@contextmanager
def lock(seconds: float | None = None) -> Iterator[None]:
    """One process at a time starts or stops the broker; BrokerError if another one is at it for very long."""
    who = f"another command has been starting or stopping the broker of {home()}"
    with held(run_dir() / "broker.lock", LOCK_SECONDS if seconds is None else seconds, who):
        yield


def directory(size: int) -> Path:
    """Each size has data of its own, since the other's partitions have other replicas."""
    path = data_dir() / f"brokers-{size}"
    path.mkdir(exist_ok=True)
    return path


def running() -> list[Node]:
    """All nodes of the cluster, if one of them lives at least."""
    clusters = (read_nodes(directory(size)) for size in SIZES)
    return next((nodes for nodes in clusters if any(node.process for node in nodes)), [])


def remember(size: int) -> None:
    """From now on this size is wanted: a cluster that was killed comes back as it was."""
    _file().write_text(str(size), encoding="utf-8")


def forget() -> None:
    """From now on none is wanted."""
    _file().unlink(missing_ok=True)


def size() -> int:
    """The size that is wanted: the remembered one, else a single node."""
    try:
        remembered = int(_file().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return 1
    return remembered if remembered in SIZES else 1


def _file() -> Path:
    return run_dir() / "brokers"
