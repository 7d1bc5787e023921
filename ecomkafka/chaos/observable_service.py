"""A service process of a chaos run, which also reports the state in its memory.

    python -m ecomkafka.chaos.observable_service SERVICE INSTANCE

So what a process has in memory can be held against its changelog. It also tells where its threads stand, and leaves the
last point of its loop that it passed.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

import msgspec

from ecomkafka import logs
from ecomkafka.clients import Cluster
from ecomkafka.engine.worker import Worker
from ecomkafka.faults import lost_payment_answer
from ecomkafka.faults.flight_recorder import LastPoint
from ecomkafka.invariants.live_state import Memory, agreed, in_changelogs
from ecomkafka.machine.file_requests import answering, ask
from ecomkafka.messages import encode
from ecomkafka.operations.serve import MAKERS, Service, serve
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.operations.system import cluster_of
from ecomkafka.operations.thread_dump import THREADS, own_threads
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService
from ecomkafka.settings import Settings

_MEMORY = "memory"


def live_and_restored(cluster: Cluster, processes: Sequence[ServiceProcess]) -> tuple[Memory, Memory]:
    """As `live_state.live_and_restored`, of services that run as this module. One that does not answer is left out."""
    kinds = {kind.hop.service: kind for kind in (InventoryService, OrderService, AnalyticsService)}
    alive = [process for process in processes if process.service in kinds]
    silent = {process.service for process, answer in zip(alive, _ask(alive), strict=True) if answer is None}
    asked = [process for process in alive if process.service not in silent]
    workers = [kinds[service](cluster, "onlooker") for service in {process.service for process in asked}]
    return agreed(lambda: _in_memory(asked, workers), lambda: in_changelogs(cluster, workers))


def _in_memory(processes: Sequence[ServiceProcess], workers: Sequence[Worker]) -> Memory:
    decoders = {worker.name: msgspec.json.Decoder(worker.state_type) for worker in workers}
    memory: Memory = defaultdict(dict)
    for process, answer in zip(processes, _ask(processes), strict=True):
        entries = msgspec.json.decode(answer or b"{}", type=dict[str, msgspec.Raw])
        memory[process.service] |= {key: decoders[process.service].decode(raw) for key, raw in entries.items()}
    return memory


def _ask(processes: Sequence[ServiceProcess]) -> list[bytes | None]:
    return ask(_MEMORY, [process.home for process in processes])


def _own_memory(worker: Worker) -> bytes | None:
    if worker.status != "running":
        return None
    return encode({key: msgspec.Raw(encode(value)) for key, value in worker.memory.items()})


def main(service: str, instance: str) -> None:
    settings = Settings.read()
    make = lost_payment_answer.make if service == OrderService.hop.service else MAKERS[service]

    def telling(gateways: ExitStack, cluster: Cluster, name: str, chosen: Settings) -> Service:
        made = make(gateways, cluster, name, chosen)
        if isinstance(made, Worker):
            made.at = LastPoint(settings.home)
            gateways.enter_context(answering(_MEMORY, settings.home, partial(_own_memory, made)))
        return made

    MAKERS[service] = telling
    handler = logs.to_stream(sys.stdout, json=True)
    try:
        with answering(THREADS, settings.home, lambda: own_threads().encode()):
            serve(service, instance, cluster_of(settings), settings)
    finally:
        logs.detach(handler)


if __name__ == "__main__":
    main(*sys.argv[1:])
