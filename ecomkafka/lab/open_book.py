"""`python -m ecomkafka.lab.open_book SERVICE INSTANCE`: a service to be broken, which tells others what it remembers.

A file in its home asks, a file there answers: so that what a process has in memory can be held against its changelog.
"""

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from ecomkafka import logs
from ecomkafka.lab import forgetful_payment
from ecomkafka.lab.memory import Memory, agreed, in_changelogs
from ecomkafka.lab.service_process import ServiceProcess
from ecomkafka.messages import encode
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.worker import Worker
from ecomkafka.serve import MAKERS, Service, serve
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService
from ecomkafka.settings import Settings
from ecomkafka.system import cluster_of

ANSWER_SECONDS = 5.0
_GLANCE_SECONDS = 0.1
_STOP_SECONDS = 5.0


def live_and_restored(cluster: Cluster, processes: Sequence[ServiceProcess]) -> tuple[Memory, Memory]:
    """As `memory.live_and_restored`, of services that run as this module. One that does not answer is left out."""
    kinds = {kind.hop.service: kind for kind in (InventoryService, OrderService, AnalyticsService)}
    alive = [process for process in processes if process.service in kinds]
    silent = {process.service for process, told in zip(alive, _ask(alive), strict=True) if told is None}
    asked = [process for process in alive if process.service not in silent]
    workers = [kinds[service](cluster, "onlooker") for service in {process.service for process in asked}]
    return agreed(lambda: _in_memory(asked, workers), lambda: in_changelogs(cluster, workers))


def _in_memory(processes: Sequence[ServiceProcess], workers: Sequence[Worker]) -> Memory:
    decoders = {worker.name: msgspec.json.Decoder(worker.state_type) for worker in workers}
    memory: Memory = defaultdict(dict)
    for process, told in zip(processes, _ask(processes), strict=True):
        entries = msgspec.json.decode(told or b"{}", type=dict[str, msgspec.Raw])
        memory[process.service] |= {key: decoders[process.service].decode(raw) for key, raw in entries.items()}
    return memory


def _ask(processes: Sequence[ServiceProcess]) -> list[bytes | None]:
    """What each says; None: nothing in time."""
    for process in processes:
        _answer(process.home).unlink(missing_ok=True)
        _question(process.home).touch()
    deadline = time.monotonic() + ANSWER_SECONDS
    while not all(_answer(process.home).exists() for process in processes) and time.monotonic() < deadline:
        time.sleep(_GLANCE_SECONDS / 2)
    return [file.read_bytes() if (file := _answer(process.home)).exists() else None for process in processes]


def _question(home: Path) -> Path:
    return home / "memory.asked"


def _answer(home: Path) -> Path:
    return home / "memory.json"


@contextmanager
def _telling(worker: Worker, home: Path) -> Iterator[None]:
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(worker, home, over), name="teller", daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join(_STOP_SECONDS)


def _tell(worker: Worker, home: Path, over: threading.Event) -> None:
    while not over.wait(_GLANCE_SECONDS):
        if worker.status == "running" and _question(home).exists():
            _question(home).unlink()
            partial = _answer(home).with_suffix(".partial")
            partial.write_bytes(encode({key: msgspec.Raw(encode(value)) for key, value in worker.memory.items()}))
            partial.replace(_answer(home))


def main(service: str, instance: str) -> None:
    settings = Settings.read()
    make = forgetful_payment.make if service == OrderService.hop.service else MAKERS[service]

    def telling(gateways: ExitStack, cluster: Cluster, name: str, chosen: Settings) -> Service:
        made = make(gateways, cluster, name, chosen)
        if isinstance(made, Worker):
            gateways.enter_context(_telling(made, settings.home))
        return made

    MAKERS[service] = telling
    handler = logs.to_stream(sys.stdout, json=True)
    try:
        serve(service, instance, cluster_of(settings), settings)
    finally:
        logs.detach(handler)


if __name__ == "__main__":
    main(*sys.argv[1:])
