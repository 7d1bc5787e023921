"""What may be wrong with a machine: one line for each thing that the shop needs, and what to do where it is red."""

import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from ecomkafka.runtime import broker
from ecomkafka.runtime.errors import BrokerError
from ecomkafka.runtime.home import cache, home
from ecomkafka.runtime.jars import LOCK
from ecomkafka.runtime.java import find_java
from ecomkafka.runtime.members import MIN_FREE_MB
from ecomkafka.runtime.ports import free_ports
from ecomkafka.runtime.probe import live_brokers

PYTHON = (3, 11)
MEMORY_MB = 1_000
"""A broker and five services."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool
    found: str
    to_do: str | None = None
    """None where there is nothing to do."""


def examine() -> list[Finding]:
    """Every finding; nothing is started, fetched or changed."""
    return [_examine(what, look) for what, look in _LOOKS.items()]


def _examine(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except BrokerError as error:
        found, _, to_do = str(error).partition(": ")
        return Finding(what, False, found, to_do or None)


def _python() -> Finding:
    good = sys.version_info[:2] >= PYTHON
    to_do = None if good else f"install Python {PYTHON[0]}.{PYTHON[1]} or newer and make .venv again"
    return Finding("Python", good, f"{platform.python_version()} at {sys.executable}", to_do)


def _java() -> Finding:
    java = find_java()
    return Finding("Java", True, f"{java.release} at {java.executable}")


def _jars() -> Finding:
    folder = cache() / "jars"
    missing = [jar for jar in LOCK.jars if not _is_whole(jar.path(folder), jar.size)]
    found = f"Kafka {LOCK.version}: {len(LOCK.jars) - len(missing)} of {len(LOCK.jars)} in {folder}"
    size = sum(jar.size for jar in missing) // 2**20 + 1
    return Finding("jars", True, found, f"{size} MB are fetched at the first 'ecomkafka up'" if missing else None)


def _is_whole(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _ports() -> Finding:
    low, high = free_ports(6)[:2]
    return Finding("ports", True, f"free on 127.0.0.1, for example {low} and {high}")


def _memory() -> Finding:
    free = psutil.virtual_memory().available // 2**20
    good = free >= MEMORY_MB
    to_do = None if good else "close other programs"
    return Finding("memory", good, f"{free:,} MB free, {MEMORY_MB:,} MB needed", to_do)


def _disk() -> Finding:
    free = shutil.disk_usage(home()).free // 2**20
    good = free >= MIN_FREE_MB
    to_do = None if good else "free some, or point ECOMKAFKA_HOME at another disk"
    return Finding("disk", good, f"{free:,} MB free in {home()}, {MIN_FREE_MB:,} MB needed", to_do)


def _broker() -> Finding:
    status = broker.status()
    if status is None:
        return Finding("broker", True, "none runs", "'ecomkafka up' starts one")
    silent = [address for address in status.bootstrap.split(",") if not live_brokers(address)]
    if silent:
        to_do = "'ecomkafka down', then 'ecomkafka up'" if not status.external else "look after that broker"
        return Finding("broker", False, f"{', '.join(silent)} does not answer", to_do)
    return Finding("broker", True, f"{status.brokers} at {status.bootstrap}")


_LOOKS = {
    "Python": _python,
    "Java": _java,
    "jars": _jars,
    "ports": _ports,
    "memory": _memory,
    "disk": _disk,
    "broker": _broker,
}
