"""The shop of a chaos run: services as processes on a Kafka of their own, behind a proxy, restarted when they end."""

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Self

from kafka.errors import KafkaError

from ecomkafka.broker import Broker
from ecomkafka.broker.ports import free_ports
from ecomkafka.chaos.observable_service import live_and_restored
from ecomkafka.chaos.plan import GATEWAY
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from ecomkafka.faults.flight_recorder import PointedProcess
from ecomkafka.faults.network_proxy import Proxy
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.payment import LedgerGateway
from ecomkafka.invariants.facts import UNDER_FAULTS, Facts, gather
from ecomkafka.invariants.quiescence import is_quiet
from ecomkafka.invariants.witness import Witness
from ecomkafka.machine.guard import Guard
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.operations.system import opening_stock
from ecomkafka.settings import sqlite_url

_POLL_SECONDS = 0.1
_DISMISS_SECONDS = 10.0
_FACTS_SECONDS = 60.0
_AWAY = (KafkaError, ConnectionError, TimeoutError)  # a broker that has just come back is slow


class ProcessShop:
    """A shop of service processes with names such as "order-0", and of a gateway if it is among them. Its files are
    temporary; all ends with the `with` block. With `tls` every connection to Kafka is encrypted, and needs an account.
    """

    def __init__(self, services: tuple[str, ...], brokers: int = 1, seed: int = 0, tls: bool = False) -> None:
        self.broker = Broker(brokers, tls=tls)
        self.mail = MailServer(random=Random(seed))
        self.deaths: list[str] = []
        """Last words of services that ended unasked."""
        self.points: list[str] = []
        """Where in their loops services were when they were killed or frozen."""
        self.services: dict[str, PointedProcess] = {}
        self._made: dict[str, PointedProcess] = {}
        """The newest of each home."""
        self._names = services
        (self.gateway_port,) = free_ports(1)
        self._reserved: set[str] = set()
        self._ended: set[str] = set()
        """Ended on purpose."""
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def _start(self) -> None:
        enter = self._open.enter_context
        self.folder = Path(tempfile.mkdtemp(prefix="ecomkafka-chaos-")).resolve()
        enter(Guard(self.folder, delete=True))
        enter(self.broker)
        self.proxy = enter(Proxy())
        enter(self.mail)
        self.cluster = Cluster.of(self.broker.bootstrap, "chaos")
        """Without the proxy: for who looks on."""
        self.client_cluster = self.proxy.through(self.cluster)
        create_topics(self.cluster)
        opening_stock(self.cluster)
        self.services = {name: self.process(name, self.folder / name) for name in self._names}
        for process in self.services.values():
            self._open.callback(process.kill)
            process.start()
        for process in self.services.values():
            process.wait_ready()
        self._supervisor.start()
        self._open.callback(self._dismiss)

    @property
    def ledger(self) -> Path:
        return self.folder / "payments.sqlite"

    @property
    def database(self) -> Path:
        return self.folder / "orders.sqlite"

    def logs(self) -> dict[str, Path]:
        """The log files of every process and of every broker, with its console output, by name."""
        services = {f"{log.parents[1].name}.log": log for log in sorted(self.folder.glob("*/logs/*.log"))}
        of_brokers = [(node.number, log) for node in self.broker.nodes for log in (node.log, node.console)]
        return services | {f"node-{number}-{log.name}": log for number, log in of_brokers}

    def process(self, name: str, home: Path) -> PointedProcess:
        """A process of "order-0" or any other service and instance, not started, with a home of its own."""
        service, _, instance = name.rpartition("-")
        home.mkdir(exist_ok=True)
        settings = {
            "SMTP": f"{self.mail.host}:{self.mail.port}",
            "SQL": sqlite_url(self.database),
            "PAYMENTS": str(self.ledger),
        }
        command: tuple[str, ...] = ("ecomkafka.chaos.observable_service", service, instance)
        if name == GATEWAY:
            command = ("ecomkafka", "gateway", "--instance", instance, "--port", str(self.gateway_port))
        self._made[home.name] = made = PointedProcess(
            self.client_cluster,
            service,
            instance,
            home=home,
            settings=settings,
            command=command,
            on_stop=self.points.append,
        )
        return made

    @property
    def running(self) -> dict[str, PointedProcess]:
        """The services, and guests and twins as long as they run; by the names of their homes."""
        made = list(self._made.items())
        return {name: process for name, process in made if name in self.services or process.is_alive}

    @contextlib.contextmanager
    def reserve(self, name: str) -> Iterator[ServiceProcess]:
        """A running service; if it ends during the block, it is restarted only afterwards."""
        with self._lock:
            if not self.services[name].is_alive:
                self.services[name].start()
            self._reserved.add(name)
        try:
            yield self.services[name]
        finally:
            with self._lock:
                self._reserved.discard(name)
                if not self.services[name].is_alive:
                    self._ended.add(name)

    def wait(self, seconds: float, over: Callable[[], bool] = lambda: False) -> None:
        """Wait for `seconds`, or until `over` is true or the shop is closed."""
        deadline = time.monotonic() + seconds
        while not over() and (left := deadline - time.monotonic()) > 0:
            if self._stopping.wait(min(left, _POLL_SECONDS)):
                return

    def record_death(self, name: str) -> None:
        """Record the last log line of a service that has ended by itself."""
        self.deaths.append(f"{name}: {self.services[name].last_words()}")

    def _supervise(self) -> None:
        """Restart services that have ended, as docker compose does with `restart: unless-stopped`."""
        while not self._stopping.wait(_POLL_SECONDS):
            with self._lock:
                for name, process in self.services.items():
                    if name not in self._reserved and not process.is_alive:
                        self._start_again(name, process)

    def _start_again(self, name: str, process: ServiceProcess) -> None:
        try:
            if name not in self._ended:
                self.record_death(name)
            self._ended.add(name)
            process.start()
            self._ended.discard(name)
        except OSError as error:  # too little memory, for example: at the next glance once more
            if (cause := f"{name} did not start: {error}") not in self.deaths:
                self.deaths.append(cause)

    def _dismiss(self) -> None:
        self._stopping.set()
        self._supervisor.join(_DISMISS_SECONDS)
        if self._supervisor.is_alive():
            raise TimeoutError(f"the supervisor did not end in {_DISMISS_SECONDS:.0f} s")

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is left to do; False if that takes too long: the invariants then say what is left."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with contextlib.suppress(*_AWAY), self._orders() as orders:
                if is_quiet(self.cluster, orders):
                    return True
            self._stopping.wait(0.5)
        return False

    def facts(self, witness: Witness) -> Facts:
        """All facts of the shop, for the invariants. For a minute Kafka is asked again: just back, it may be slow."""
        deadline = time.monotonic() + _FACTS_SECONDS
        while True:
            with contextlib.suppress(*_AWAY) if time.monotonic() < deadline else contextlib.nullcontext():
                return self._gather(witness)
            self._stopping.wait(0.5)

    def _gather(self, witness: Witness) -> Facts:
        witness.sync()
        facts = gather(self.cluster, witnessed=witness.seen, checksums=witness.checksums, slack=UNDER_FAULTS)
        live, restored = live_and_restored(self.cluster, tuple(self.services.values()))
        facts = replace(facts, live=live, restored=restored)
        mails = [mail.notification_id for mail in self.mail.messages]
        with self._orders() as orders, LedgerGateway(self.ledger) as ledger:
            return replace(facts, charges=ledger.charges(), read_model=orders.orders(), mails=mails)

    @contextlib.contextmanager
    def _orders(self) -> Iterator[OrderQueries]:
        orders = OrderQueries(sqlite_url(self.database), self.cluster.namespace)
        try:
            yield orders
        finally:
            orders.engine.dispose()
