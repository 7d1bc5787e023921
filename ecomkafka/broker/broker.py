"""The embedded Kafka: a private broker for a `with` block, or one that all programs of a machine share."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ecomkafka.broker import namespaces, shared
from ecomkafka.broker.class_archive import prepared
from ecomkafka.broker.cluster_nodes import read_nodes, start_nodes
from ecomkafka.broker.jars import LOCK
from ecomkafka.broker.jmx.agent import fetched
from ecomkafka.broker.node import Node, kill_all, stop_all
from ecomkafka.broker.probe import live_brokers
from ecomkafka.broker.security.accounts import encrypted, let_admin_in
from ecomkafka.clients import Cluster
from ecomkafka.clients.access import account
from ecomkafka.clients.access.obstacles import obstacle
from ecomkafka.machine import owner
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import temporary_folder
from ecomkafka.machine.guard import Guard
from ecomkafka.machine.home import home
from ecomkafka.machine.progress_bar import Report

__all__ = ["Broker", "BrokerError", "Node", "Status", "bootstrap", "down", "status", "up", "wipe"]

_ANSWER_SECONDS = 3.0


class Broker:
    """A private cluster of `brokers` nodes, in the given directory or in a temporary one that `stop` deletes.

    It ends with this Python process, also if that is killed. With `metrics` each of its `nodes` shows Kafka's own
    metrics at its `metrics_url`. With `tls` every connection is encrypted, and clients need an account; `Cluster.of`
    finds CA and account by the addresses.
    """

    version = LOCK.version

    def __init__(
        self, brokers: int = 1, directory: str | Path | None = None, *, metrics: bool = False, tls: bool = False
    ) -> None:
        _check_size(brokers)
        self.brokers, self._metrics = brokers, metrics
        self.nodes: list[Node] = []
        self._directory, self._tls = directory, tls
        self._guard: Guard | None = None

    @property
    def bootstrap(self) -> str:
        """The addresses for clients: "127.0.0.1:p1,127.0.0.1:p2"."""
        if not self.nodes:
            raise BrokerError("this Broker does not run: call start(), or use it in a with block")
        return ",".join(node.address for node in self.nodes)

    def start(self) -> "Broker":
        """Start all nodes and wait until they answer. Raises BrokerError with the cause."""
        if self.nodes:
            return self
        kafka, agent = prepared(), fetched() if self._metrics else None
        temporary = not self._directory
        folder = Path(self._directory).resolve() if self._directory else temporary_folder("ecomkafka-")
        folder.mkdir(parents=True, exist_ok=True)
        if any(node.process for node in read_nodes(folder)):
            raise BrokerError(f"another Broker runs in {folder}: stop it, or use another directory")
        self._guard = Guard(folder, delete=temporary)
        try:
            accounts = encrypted(folder) if self._tls else None
            self.nodes = start_nodes(folder, self.brokers, kafka, accounts, agent=agent)
            if accounts:
                let_admin_in([node.address for node in self.nodes], accounts)
            account.remember([node.address for node in self.nodes], self.nodes[0].access)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all nodes together, with a time limit. A second call does nothing."""
        if not self._directory:  # what is deleted next need not be closed cleanly
            kill_all(self.nodes)
        else:
            stop_all(self.nodes)
        if self._guard is not None:
            self._guard.close()
        account.forget([node.address for node in self.nodes])
        self.nodes, self._guard = [], None

    def __enter__(self) -> "Broker":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


@dataclass(frozen=True)
class Status:
    """The Kafka that this machine's commands use."""

    bootstrap: str
    brokers: int
    version: str | None
    """None for an external Kafka, which doesn't report its release."""
    pids: tuple[int, ...]
    home: str
    logs: tuple[str, ...]
    external: bool
    ca: str = ""
    """The file of its CA's certificate; "": nothing is encrypted."""
    metrics: tuple[str, ...] = ()
    """Where each node shows Kafka's own metrics to Prometheus; none unless it was started so."""


def up(
    brokers: int | None = None, progress: Report | None = None, tls: bool | None = None, metrics: bool | None = None
) -> Status:
    """Start the shared broker unless it runs, on its data; it outlives this process, until `down`.

    None takes what runs, or ran when it was killed; else one node, without `tls` and without `metrics`.
    BrokerError says what is in the way, or that a cluster of another kind runs. With ECOMKAFKA_BOOTSTRAP set its
    cluster has to answer, nothing is started. What killed processes have left there is swept.
    """
    running = _up(brokers, progress, tls, metrics)
    namespaces.sweep(running.bootstrap)
    owner.sweep_folders()
    return running


def _up(brokers: int | None, progress: Report | None, tls: bool | None, metrics: bool | None) -> Status:
    if brokers is not None:
        _check_size(brokers)
    if external := _external():
        return external
    with shared.lock():
        nodes = shared.running()
        if nodes and brokers not in (None, len(nodes)):
            raise BrokerError(f"a cluster of {len(nodes)} runs, not of {brokers}: run 'ecomkafka down' first")
        tls = _as_it_runs(nodes, tls, shared.encrypts(), "TLS")
        metrics = _as_it_runs(nodes, metrics, shared.shows_metrics(), "metrics")
        size = len(nodes) or brokers or shared.size()
        if not nodes or not all(node.process for node in nodes):
            shared.remember(size, tls, metrics)
            nodes = _started(size, progress)
        for node in nodes:
            node.wait()
        return _status(nodes)


def _as_it_runs(nodes: list[Node], wanted: bool | None, is_so: bool, what: str) -> bool:
    if nodes and wanted not in (None, is_so):
        raise BrokerError(f"a cluster {'with' if is_so else 'without'} {what} runs: run 'ecomkafka down' first")
    return is_so if wanted is None else wanted


def _started(size: int, progress: Report | None) -> list[Node]:
    accounts, agent = shared.accounts(size), fetched(progress) if shared.shows_metrics() else None
    nodes = start_nodes(shared.directory(size), size, prepared(progress), accounts, agent)
    if accounts:
        let_admin_in([node.address for node in nodes], accounts)
    return nodes


def down() -> bool:
    """Stop all nodes of the shared broker; False if none ran. Its data stay."""
    with shared.lock():
        nodes = shared.running()
        stop_all(nodes)
        shared.forget()
        return bool(nodes)


def status() -> Status | None:
    """The running Kafka, or None. Raises BrokerError if ECOMKAFKA_BOOTSTRAP is set and nothing answers there."""
    if external := _external():
        return external
    nodes = shared.running()
    return _status(nodes) if nodes else None


def bootstrap() -> str:
    """The address of the Kafka to use: ECOMKAFKA_BOOTSTRAP, else the shared broker, which is started unless it runs."""
    return up().bootstrap


def wipe() -> None:
    """Delete the shared brokers' data. Raises BrokerError while one runs."""
    with shared.lock():
        if shared.running():
            raise BrokerError("the shared broker runs and its data are in use: run 'ecomkafka down' first")
        shared.delete_data()
        namespaces.forget_embedded()


def _check_size(brokers: int) -> None:
    if brokers not in shared.SIZES:
        raise ValueError(f"brokers is {brokers!r}: {' or '.join(map(str, shared.SIZES))} is allowed")


def _status(nodes: list[Node]) -> Status:
    pids = tuple(process.pid for node in nodes if (process := node.process))
    addresses, logs = [node.address for node in nodes], tuple(str(node.log) for node in nodes)
    shown = tuple(node.metrics_url for node in nodes) if shared.shows_metrics() else ()
    access = nodes[0].access
    account.remember(addresses, access)
    where = ",".join(addresses)
    return Status(where, len(nodes), LOCK.version, pids, str(home()), logs, external=False, ca=access.ca, metrics=shown)


def silent(status: Status) -> list[str]:
    """The addresses of `status` at which nobody answers."""
    return [address for address in status.bootstrap.split(",") if not _live(Cluster.of(address))]


def _external() -> Status | None:
    try:
        named = account.external().bootstrap
        if not named:
            return None
        cluster = Cluster.of(named)
    except ValueError as error:
        raise BrokerError(f"ECOMKAFKA_BOOTSTRAP: {error}") from error
    if live := _live(cluster):
        return Status(",".join(named), live, None, (), str(home()), (), external=True, ca=cluster.ca)
    raise BrokerError(
        f"no Kafka answers at ECOMKAFKA_BOOTSTRAP={','.join(named)}: start it, or unset the variable to use the "
        "embedded broker"
    )


def _live(cluster: Cluster) -> int:
    """The number of live brokers; 0 if nobody answers. Raises BrokerError where something else is in the way."""
    if not cluster.user and not cluster.access.tls:
        answers = (live_brokers(address, timeout=_ANSWER_SECONDS, proxy=cluster.proxy) for address in cluster.bootstrap)
        if live := len(next(filter(None, answers), ())):
            return live
        if found := obstacle(cluster.bootstrap, cluster.access, cluster.proxy):
            raise BrokerError(found)
        return 0
    try:
        with closing(cluster.admin()) as admin:
            return len(admin.describe_cluster()["brokers"])
    except ConnectionError as error:
        raise BrokerError(str(error)) from error
