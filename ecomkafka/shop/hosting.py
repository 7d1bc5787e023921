"""The hosts of a shop's four services: threads of this process, or one process each.

Threads share one interpreter, and so one core; processes have one each, and take seconds longer to start.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol, Self

import msgspec

from ecomkafka.broker.ports import free_ports
from ecomkafka.clients import Cluster
from ecomkafka.clients.assignor import whereabouts
from ecomkafka.clients.groups import group_of, lags
from ecomkafka.engine.worker import Worker
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.machine.folders import temporary_folder
from ecomkafka.machine.guard import Guard
from ecomkafka.operations.serve import MAKERS
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.operations.shop_service import Choices
from ecomkafka.shop.lifecycle import NOT_OPEN
from ecomkafka.waiting import until

UNDO_SECONDS = 2.0

_FENCED = "the service is fenced: "
"""In the last words of `serve`."""


class Part(Protocol):
    """Something that is started and stopped: a worker, a process, the read model."""

    def start(self) -> object:
        """Returns when it handles records."""

    def stop(self) -> object: ...


class Threads:
    """The services as threads of this process: the shop's own services, and the instances that were added."""

    ledger: Path | None = None
    """The payment ledger's file; None: it is in memory."""
    processes: Sequence[ServiceProcess] = ()

    def __init__(self, services: Callable[[], Sequence[Worker]]) -> None:
        self._services = services
        self.metrics_urls: Sequence[str] = ()  # of other processes: there are none
        self.joined: Sequence[Worker] = ()
        """More instances than the shop was opened with."""

    @property
    def workers(self) -> Sequence[Worker]:
        """The current workers. They are looked up at each call: a lesson may replace a service of the shop."""
        return (*self._services(), *self.joined)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """The parts were stopped already; this is for whoever has taken the place of one."""
        with ExitStack() as leaving:
            for worker in self.workers:
                leaving.callback(worker.stop)

    def parts(self, workers: Sequence[Worker]) -> Sequence[Part]:
        """The parts to be started."""
        return workers

    def has_handled(self, service: Worker, records: int) -> bool:
        """Whether `service` has handled `count` records since its start."""
        return service.handled >= records

    def undo(self) -> None:
        """Wait, for a short time, until nothing outside Kafka has to be undone; a gateway may be down."""
        with suppress(TimeoutError):
            until(lambda: not any(worker.owes for worker in self.workers), UNDO_SECONDS)

    def health(self) -> str:
        """Each service's state in one line."""
        return "; ".join(f"{s.identity} {s.status}" + (f" ({s.error})" if s.error else "") for s in self.workers)

    def fenced(self, here: bool) -> Mapping[str, str | None]:
        """By service whose instance's name somebody else has taken: who, in a sentence; None if that is not known.

        `here`: somebody in this process counts, too.
        """
        fenced = (worker for worker in self.workers if worker.status == "fenced")
        elsewhere = (worker for worker in fenced if here or worker.taken_by != whereabouts())
        return {worker.name: worker.error if worker.taken_by else None for worker in elsewhere}

    def close(self) -> None:
        """Do nothing: threads leave no files."""


class Processes:
    """One process per service; their files are in a temporary folder.

    They end with this process, also if it is killed. A service process that ends by itself is not restarted.
    """

    workers: Sequence[Worker] = ()
    joined: Sequence[Worker] = ()

    def __init__(self, cluster: Cluster, choices: Choices, mail_server: MailServer | None) -> None:
        self._cluster, self._choices, self._mail_server = cluster, choices, mail_server
        self._ports = dict(zip(MAKERS, free_ports(len(MAKERS)), strict=True)) if choices.metrics else {}
        self._folder: Path | None = None
        self._open = ExitStack()
        self.processes: Sequence[_Process] = ()

    def __enter__(self) -> Self:
        # No TemporaryDirectory: a process that ends without `close` would delete it before the guard has read it.
        self._folder = temporary_folder("ecomkafka-shop-")
        self._open.enter_context(Guard(self._folder, delete=True))
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    @property
    def ledger(self) -> Path | None:
        """The payment ledger's file; None before there is a folder for it."""
        return None if self._folder is None else self._folder / "payments.sqlite"

    def parts(self, workers: Sequence[Worker]) -> Sequence[Part]:
        """In whose stead the processes work: `workers` stay the client's side. The mail server runs by now."""
        assert self._folder is not None, "__enter__ makes it"
        for client in workers:
            self._open.callback(client.stop)
        choices = self._folder / "choices.json"
        choices.write_bytes(msgspec.json.encode(self._choices))
        settings = {"PAYMENTS": str(self.ledger)}
        if self._mail_server is not None:
            settings["SMTP"] = f"{self._mail_server.host}:{self._mail_server.port}"
        self.processes = [
            _Process(
                self._cluster,
                worker.name,
                home=self._folder / worker.name,
                settings=settings | self._metrics_port(worker.name),
                command=("ecomkafka.operations.shop_service", worker.name, str(choices)),
            )
            for worker in workers
        ]
        return self.processes

    @property
    def metrics_urls(self) -> list[str]:
        """Where the processes show their metrics."""
        return [f"http://127.0.0.1:{self._ports[process.service]}/metrics" for process in self.processes if self._ports]

    def _metrics_port(self, service: str) -> dict[str, str]:
        """`serve` gives each service its own port, counted from the first one's."""
        return {"METRICS": str(self._ports[service] - list(MAKERS).index(service))} if self._ports else {}

    def has_handled(self, service: Worker, records: int) -> bool:
        """By what its group has committed: it is at the end of all its topics, and was given something."""
        group = [lag for lag in lags(self._cluster) if lag.group == group_of(service.name)]
        return not any(lag.lag for lag in group) and sum(lag.committed or 0 for lag in group) >= records

    def undo(self) -> None:
        """Do nothing: the state of another process is out of reach."""

    def health(self) -> str:
        return "; ".join(process.health() for process in self.processes) or f"no process runs: {NOT_OPEN}"

    def fenced(self, here: bool) -> Mapping[str, str | None]:
        """As `Threads.fenced`; whoever it is runs in another process than the service."""
        ended = {process.service: process.last_words() for process in self.processes if not process.is_alive}
        return {service: words for service, words in ended.items() if _FENCED in words}

    def close(self) -> None:
        """Forget the processes and delete the folder, once nobody has the ledger open."""
        self.processes = ()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)  # Windows keeps a dying process's files for a moment


class _Process(ServiceProcess):
    def start(self) -> Self:
        """Returns when it handles records."""
        return super().start().wait_ready()

    def health(self) -> str:
        return f"{self.service}-{self.instance} " + ("running" if self.is_alive else f"ended ({self.last_words()})")
