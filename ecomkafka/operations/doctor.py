"""The doctor: one line for each thing that the shop needs of a machine, and what to do where it is red."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import psutil

from ecomkafka.broker import broker, shared
from ecomkafka.broker.cached_jars import check_complete, named
from ecomkafka.broker.jars import LOCK, ask_for, missing_or_corrupt, verified
from ecomkafka.broker.java import find_java
from ecomkafka.broker.ports import free_ports
from ecomkafka.machine import folders
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import check_cache, check_data, check_space, temporary_folder
from ecomkafka.machine.home import cache, home, logs_dir, may_write, run_dir
from ecomkafka.operations.preflight import check_services
from ecomkafka.operations.processes import entries
from ecomkafka.operations.system import SERVICES
from ecomkafka.settings import SettingError, Settings

PYTHON = (3, 11)
MEMORY_MB = 1_000
"""The memory that a broker and five services need."""

_LOCK_SECONDS = 5.0


@dataclass(frozen=True)
class Finding:
    """The finding on one thing."""

    what: str
    good: bool
    found: str
    to_do: str | None = None
    """None where there is nothing to do."""


def examine() -> list[Finding]:
    """All findings. Nothing is started, fetched or changed."""
    return [_examine(what, look) for what, look in _LOOKS.items()]


def _examine(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except BrokerError as error:
        found, colon, to_do = str(error).rpartition(": ")
        return Finding(what, False, found, to_do) if colon else Finding(what, False, to_do)
    except SettingError as error:
        return Finding(what, False, str(error))
    except OSError as error:
        return Finding(what, False, f"{error.filename or what} ({error.strerror})")


def _python() -> Finding:
    good = sys.version_info[:2] >= PYTHON
    to_do = None if good else f"install Python {PYTHON[0]}.{PYTHON[1]} or newer and make .venv again"
    return Finding("Python", good, f"{platform.python_version()} at {sys.executable}", to_do)


def _java() -> Finding:
    java = find_java()
    return Finding("Java", True, f"{java.release} at {java.executable}")


def _settings() -> Finding:
    settings = Settings.read()
    ours = {entry.service for entry in entries() if entry.namespace == settings.namespace}
    check_services(settings, set(SERVICES) - ours)
    set_here = ", ".join(sorted(name for name, value in os.environ.items() if name.startswith("ECOMKAFKA_") and value))
    return Finding("settings", True, f"set: {set_here or 'none'}")


def _folders() -> Finding:
    """What a broker and commands write into; that of lessons' private brokers too."""
    data = shared.directory(shared.size())
    below = (data.glob(pattern) for pattern in ("*", "*/*", "*/log/*"))
    for path in chain(home().glob("*"), run_dir().glob("*"), logs_dir().glob("*"), *below):
        if not may_write(path):
            raise BrokerError(f"{path} is not this user's to change: change its rights, or set ECOMKAFKA_HOME")
    check_data(data, 0)
    with shared.lock(_LOCK_SECONDS):
        pass
    folder = temporary_folder("ecomkafka-")
    try:
        check_data(folder, 0)
    finally:
        folder.rmdir()
    return Finding("folders", True, f"{home()}, {folder.parent}")


def _jars() -> Finding:
    folder = cache() / "jars"
    check_cache(folder)
    with named(folder):
        missing = [] if verified(folder) else missing_or_corrupt(folder)
        size = sum(jar.size for jar in missing) // 2**20 + 1
        if missing:
            check_complete(folder)
            if (free := shutil.disk_usage(cache()).free // 2**20) < size:
                raise BrokerError(f"{cache()} has {free} MB left for {size} MB of jars: free some disk")
            ask_for(missing[0])
    found = f"Kafka {LOCK.version}: {len(LOCK.jars) - len(missing)} of {len(LOCK.jars)} in {folder}"
    return Finding("jars", True, found, f"{size} MB are fetched at the first 'ecomkafka up'" if missing else None)


def _ports() -> Finding:
    low, high = free_ports(6)[:2]
    return Finding("ports", True, f"free on 127.0.0.1, for example {low} and {high}")


def _memory() -> Finding:
    free = psutil.virtual_memory().available // 2**20
    good = free >= MEMORY_MB
    to_do = None if good else "close other programs"
    return Finding("memory", good, f"{free:,} MB free, {MEMORY_MB:,} MB needed", to_do)


def _disk() -> Finding:
    check_space(home(), shared.size())
    free, needed = shutil.disk_usage(home()).free // 2**20, folders.MIN_FREE_MB * shared.size()
    return Finding("disk", True, f"{free:,} MB free in {home()}, {needed:,} MB needed")


def _broker() -> Finding:
    status = broker.status()
    if status is None:
        return Finding("broker", True, "; ".join(shared.deaths()) or "none runs", "'ecomkafka up' starts one")
    if silent := broker.silent(status):
        to_do = "'ecomkafka down', then 'ecomkafka up'" if not status.external else "look after that broker"
        return Finding("broker", False, f"{', '.join(silent)} does not answer", to_do)
    return Finding("broker", True, f"{status.brokers} at {status.bootstrap}")


_LOOKS = {
    "Python": _python,
    "settings": _settings,
    "Java": _java,
    "folders": _folders,
    "jars": _jars,
    "ports": _ports,
    "memory": _memory,
    "disk": _disk,
    "broker": _broker,
}
