"""The shared broker's state on this machine: its data, its size, and a lock for whoever changes it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecomkafka.broker.cluster_nodes import read_nodes
from ecomkafka.broker.node import Node
from ecomkafka.broker.security.accounts import Accounts, encrypted
from ecomkafka.clients.access import account
from ecomkafka.machine.home import data_dir, home, run_dir
from ecomkafka.machine.locks import locked

SIZES = (1, 3)
"""One node for daily use; three, so that one can be killed and nothing is lost."""

_TLS, _METRICS = "tls", "metrics"

LOCK_SECONDS = 300.0
"""The time limit of a first start, which fetches Kafka."""


@contextmanager
def lock(seconds: float | None = None) -> Iterator[None]:
    """Let one process at a time start or stop the broker. Raises BrokerError if another one takes too long."""
    who = f"another command has been starting or stopping the broker of {home()}"
    with locked(run_dir() / "broker.lock", LOCK_SECONDS if seconds is None else seconds, who):
        yield


def directory(size: int) -> Path:
    """The folder of a size: each size has its own data, because replicas differ."""
    path = data_dir() / f"brokers-{size}"
    path.mkdir(exist_ok=True)
    return path


def delete_data() -> None:
    """Delete the data of every size; what else lies beside them is not ours."""
    for size in SIZES:
        shutil.rmtree(directory(size))


def running() -> list[Node]:
    """All nodes of the cluster, if at least one of them runs."""
    clusters = (read_nodes(directory(size), accounts(size)) for size in SIZES)
    return next((nodes for nodes in clusters if any(node.process for node in nodes)), [])


def deaths() -> list[str]:
    """Of each node that nobody has stopped and that does not run: that it died, and of what.

    Nothing where the Kafka in use is somebody else's.
    """
    if account.external().bootstrap or not _remembered():
        return []
    nodes = read_nodes(directory(size()), accounts(size()))
    return [node.death for node in nodes if node.process is None]


def accounts(size: int) -> Accounts | None:
    """Who gets in, where the cluster of this size runs with TLS; None: everybody on this machine."""
    return encrypted(directory(size)) if encrypts() else None


def remember(size: int, tls: bool, metrics: bool) -> None:
    """Remember how a cluster was started: a killed one is started again in the same way."""
    ways = [str(size), *([_TLS] if tls else []), *([_METRICS] if metrics else [])]
    _file().write_text(" ".join(ways), encoding="utf-8")


def forget() -> None:
    """Forget it."""
    _file().unlink(missing_ok=True)


def size() -> int:
    """The remembered size, else a single node."""
    return next((size for size in SIZES if str(size) in _remembered()), 1)


def encrypts() -> bool:
    """Whether the remembered cluster was started with TLS."""
    return _TLS in _remembered()


def shows_metrics() -> bool:
    """Whether the remembered cluster shows Kafka's own metrics."""
    return _METRICS in _remembered()


def _remembered() -> list[str]:
    try:
        return _file().read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return []


def _file() -> Path:
    return run_dir() / "brokers"
