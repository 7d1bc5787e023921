"""The embedded system: the shared broker and the services, as processes that outlive the command."""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import psutil

from ecomkafka.broker import broker, shared
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics, delete_topics
from ecomkafka.flow import HOPS
from ecomkafka.machine.guard import DETACHED
from ecomkafka.machine.home import logs_dir, run_dir
from ecomkafka.machine.locks import locked
from ecomkafka.operations.own_files import delete_own_files
from ecomkafka.operations.preflight import check_services
from ecomkafka.operations.processes import Entry, entries, log_file
from ecomkafka.registry import server as registry
from ecomkafka.settings import Settings

SERVICES = (*HOPS, "read-model")
INSTANCE = "0"

START_SECONDS = 60.0
STOP_SECONDS = 8.0
_KILL_SECONDS = 5.0
_LOCK_SECONDS = 300.0


class NotUpError(RuntimeError):
    """No Kafka runs."""


def cluster_of(settings: Settings) -> Cluster:
    """The running Kafka, seen from the settings' namespace. Raises NotUpError, BrokerError."""
    status = broker.status()
    if status is None:
        raise NotUpError("; ".join([*shared.deaths(), "the system is not up: run 'ecomkafka up' first"]))
    return Cluster.of(status.bootstrap, settings.namespace, settings.profile)


class Up(NamedTuple):
    broker: broker.Status
    started: list[str]
    """The services that did not run before."""


def up(settings: Settings, brokers: int | None = None, tls: bool | None = None, metrics: bool | None = None) -> Up:
    """Start broker, topics, opening stock and services, as far as they don't run; returns when all handle records."""
    with _lock():
        ours = {entry.service for entry in entries() if entry.namespace == settings.namespace}
        check_services(settings, set(SERVICES) - ours)
        logs_dir()  # before a broker is started that a failure would leave behind
        status = broker.up(brokers, tls=tls, metrics=metrics)
        cluster = Cluster.of(status.bootstrap, settings.namespace, settings.profile)
        create_topics(cluster)
        opening_stock(cluster)
        _stop([entry for entry in entries() if entry.bootstrap != status.bootstrap])
        running = {(entry.service, entry.namespace) for entry in entries()}
        missing = [service for service in SERVICES if (service, settings.namespace) not in running]
        _await_ready({service: _launch(service, settings) for service in missing}, settings.namespace)
        return Up(status, missing)


def opening_stock(cluster: Cluster) -> None:
    """Send the catalogue's opening stock. A repetition changes nothing, because a restock's id is applied once."""
    from ecomkafka.services.inventory import InventoryService

    client = InventoryService(cluster, "up")
    try:
        client.open_with()
    finally:
        client.stop()


def _launch(service: str, settings: Settings) -> "subprocess.Popen[bytes]":
    # -P: no module in the current folder may stand in for one of ours.
    command = [sys.executable, "-P", "-m", "ecomkafka", "serve", service, "--instance", INSTANCE]
    chosen = {"ECOMKAFKA_NAMESPACE": settings.namespace, "PYTHONUTF8": "1"}
    with log_file(service, INSTANCE, settings.namespace).open("ab") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | chosen, **DETACHED
        )


def _await_ready(children: dict[str, "subprocess.Popen[bytes]"], namespace: str) -> None:
    """Until each child has said that it handles records. RuntimeError with its last words if one ends before."""
    deadline = time.monotonic() + START_SECONDS
    waiting = dict(children)
    while waiting:
        ready = {entry.service for entry in entries() if entry.ready and entry.namespace == namespace}
        for service, child in list(waiting.items()):
            log = log_file(service, INSTANCE, namespace)
            if service in ready:
                del waiting[service]
            elif child.poll() is not None:
                raise RuntimeError(f"{service} did not start: {_last_words(log)}")
            elif time.monotonic() > deadline:
                raise TimeoutError(f"{service} is not ready after {START_SECONDS:.0f} s: read {log}")
        time.sleep(0.05)


def _last_words(log: os.PathLike[str]) -> str:
    with open(log, encoding="utf-8", errors="replace") as lines:
        last = deque((line.strip() for line in lines if line.strip()), maxlen=1)
    return last[0].removeprefix("error: ") if last else f"{log} says nothing of it"


def down() -> tuple[list[str], bool]:
    """Stop the services of all namespaces, then the embedded broker. No process is left.

    Returns the services that ran, and whether a broker did.
    """
    with _lock():
        return _down()


def _down() -> tuple[list[str], bool]:
    running = entries()
    _stop(running)
    return [entry.file.stem for entry in running], broker.down()


def clean(settings: Settings) -> None:
    """Stop everything and delete all data: topics, logs, mail, payments, orders."""
    with _lock():
        external = broker.status() if settings.external else None
        _down()
        if external:
            delete_topics(Cluster.of(external.bootstrap, settings.namespace))
        with registry.changing() as server:
            server.delete()
        broker.wipe()
        delete_own_files(settings, SERVICES)


def _stop(running: Sequence[Entry]) -> None:
    """All together: asked first, then ended."""
    processes = [process for entry in running if (process := entry.process)]
    for process in processes:
        process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=STOP_SECONDS)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=_KILL_SECONDS)
    for entry in running:
        entry.file.unlink(missing_ok=True)


@contextmanager
def _lock() -> Iterator[None]:
    with locked(run_dir() / "services.lock", _LOCK_SECONDS, "another command has been starting or stopping the system"):
        yield
