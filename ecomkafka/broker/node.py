"""One Kafka node: a Java process and its log directory."""

import base64
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import psutil

from ecomkafka.broker.diagnosis import cause
from ecomkafka.broker.install import Kafka, install, log_config
from ecomkafka.broker.jmx.agent import option as agent_option
from ecomkafka.broker.jmx.agent import url as metrics_url
from ecomkafka.broker.jvm_options import environment
from ecomkafka.broker.ports import free_ports, is_free
from ecomkafka.broker.probe import live_brokers
from ecomkafka.broker.security.accounts import Accounts
from ecomkafka.broker.server_properties import LOG, server_properties
from ecomkafka.clients.access.account import Access
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.freezing import freeze
from ecomkafka.machine.guard import DETACHED, process_of
from ecomkafka.machine.private_files import write_private

START_SECONDS = 60.0
STOP_SECONDS = 15.0
_KILL_SECONDS = 10.0

_children: dict[int, "subprocess.Popen[bytes]"] = {}
"""What this Python process has started: a shared broker outlives the object that started it, its handle may not."""


class Node:
    """Node number `number` (from 1) of the cluster in `directory`. Its state is in files, so any process may use it."""

    def __init__(
        self,
        directory: Path,
        cluster_id: str,
        number: int,
        ports: Sequence[tuple[int, int]],
        accounts: Accounts | None = None,
        agent: Path | None = None,
    ) -> None:
        """`agent`: the jar that shows its metrics, see `jmx/agent.py`."""
        self.number = number
        self.address = f"{accounts.host if accounts else '127.0.0.1'}:{ports[number - 1][0]}"
        self._cluster_id, self._ports, self._accounts = cluster_id, ports, accounts
        self._agent = agent
        self._directory = directory / f"node-{number}"
        self._properties = self._directory / "server.properties"
        self.log, self.console = self._directory / "kafka.log", self._directory / "console.log"
        self._metrics, self._log_start = self._directory / "metrics-port", self._directory / "log-start"

    @property
    def process(self) -> psutil.Process | None:
        """Its process, whichever program started it, or None."""
        return process_of(self._directory / "pid", self._mark)

    @property
    def data(self) -> Path:
        """The folder of its data: each partition has a folder there, named as "orders.events-0"."""
        return self._directory / LOG

    @property
    def metrics_url(self) -> str:
        """Where Prometheus may ask it. Raises BrokerError if it shows no metrics."""
        if not self._metrics.exists():
            raise BrokerError(
                f"node {self.number} at {self.address} shows no metrics: use Broker(metrics=True), or 'up --metrics'"
            )
        return metrics_url(int(self._metrics.read_text(encoding="ascii")))

    @property
    def access(self) -> Access:
        """How clients get in."""
        return self._accounts.access if self._accounts else Access()

    @property
    def valid_until(self) -> datetime | None:
        """The end of its certificate; None where it has none."""
        return self._accounts.valid_until(self._directory) if self._accounts else None

    def equip(self) -> None:
        """Write it a new certificate, where there is TLS."""
        if self._accounts:
            self._accounts.equip(self.number, self._directory)

    @property
    def _mark(self) -> str:
        """On the command line it says whose node this is, and means nothing to Java."""
        return f"-Decomkafka.node={self._directory}"

    def start(self, kafka: Kafka | None = None) -> None:
        """Start the process on its data; call `wait` afterwards."""
        if self.process is not None:
            raise BrokerError(f"node {self.number} at {self.address} runs already: stop it first")
        kafka = kafka or install()
        self._format(self.data, kafka)
        self.equip()
        write_private(self._properties, server_properties(self.number, self._ports, self._accounts))
        self._log_start.write_text(str(self.log.stat().st_size if self.log.exists() else 0), encoding="ascii")
        # Java is told no path of this folder, which it might read in another encoding: it works in it.
        options = (self._mark, f"-Dlog4j2.configurationFile={log_config().as_uri()}")
        shown = self._shown(self._agent)
        temporary = _emptied(self._directory / "tmp").name
        command = kafka.command("kafka.Kafka", self._properties.name, temporary=temporary, options=(*options, *shown))
        with self.console.open("wb") as console:
            child = subprocess.Popen(
                command,
                cwd=self._directory,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                **DETACHED,
            )
        _forget_ended()
        _children[child.pid] = child
        (self._directory / "pid").write_text(str(child.pid), encoding="utf-8")
        while self.process is None and child.poll() is None:  # for an instant a new process has no command line yet
            time.sleep(0.001)

    def _shown(self, agent: Path | None) -> tuple[str, ...]:
        """The option that shows its metrics, at the same port as the last time if that is free."""
        if agent is None:
            self._metrics.unlink(missing_ok=True)
            return ()
        before = int(self._metrics.read_text(encoding="ascii")) if self._metrics.exists() else 0
        port = before if before and is_free(before) else free_ports(1)[0]
        self._metrics.write_text(str(port), encoding="ascii")
        return (agent_option(agent, port, self._directory),)

    def _format(self, log: Path, kafka: Kafka) -> None:
        """Lay out an empty log as the storage tool does; meta.properties comes last: it says that all is there."""
        meta = log / "meta.properties"
        if meta.exists():
            return
        log.mkdir(parents=True, exist_ok=True)
        (log / "bootstrap.checkpoint").write_bytes(kafka.checkpoint.read_bytes())
        text = f"version=1\ncluster.id={self._cluster_id}\nnode.id={self.number}\ndirectory.id={random_id()}\n"
        meta.write_text(text, encoding="utf-8")

    def wait(self, brokers: Iterable[int] | None = None, timeout: float = START_SECONDS) -> None:
        """Wait until it answers and sees `brokers` live brokers. Raises BrokerError with the cause if it ends or is
        silent.
        """
        wanted = {self.number, *(brokers or ())}
        deadline = time.monotonic() + timeout
        login = self._accounts.login if self._accounts else None
        tls = self.access.tls_context() if self.access.tls else None
        while not wanted <= live_brokers(self.address, login=login, tls=tls):
            if self.process is None:
                raise BrokerError(self.death)
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"node {self.number} at {self.address} is silent after {timeout:.0f} s: read {self.log}"
                )
            time.sleep(0.02)

    @property
    def death(self) -> str:
        """That it died, and of what: what it has logged since its last start tells."""
        start = int(self._log_start.read_text(encoding="ascii")) if self._log_start.exists() else 0
        return f"node {self.number} at {self.address} died: {cause(self.console, self.log, start)}"

    def stop(self) -> None:
        """Stop it cleanly, with a time limit; its data stay."""
        stop_all([self])

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        kill_all([self])

    def pause(self) -> None:
        """Freeze it: its connections stay open, and nothing is answered."""
        freeze(self._running())

    def resume(self) -> None:
        """Continue it after `pause`."""
        self._running().resume()

    def restart(self) -> None:
        """Stop it if it runs, start it on the same data and port, and wait until it answers."""
        self.stop()
        self.start()
        self.wait()

    def _running(self) -> psutil.Process:
        if (process := self.process) is None:
            raise BrokerError(f"node {self.number} at {self.address} does not run: start it first")
        return process


def _emptied(folder: Path) -> Path:
    """What a JVM that was killed has left there is in nobody's way, but it would be more each time."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    return folder


def random_id() -> str:
    """A random id as Kafka writes them: 16 bytes in 22 characters."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def stop_all(nodes: Sequence[Node]) -> None:
    """Stop nodes together: one by one, the last node of a cluster would wait for a lost quorum."""
    processes = [process for node in nodes if (process := node.process)]
    for process in processes:
        process.resume()  # a frozen process does not see that it is to end
        process.terminate()
    _reap(processes, STOP_SECONDS)
    kill_all(nodes)


def kill_all(nodes: Sequence[Node]) -> None:
    """Kill nodes at once."""
    processes = [process for node in nodes if (process := node.process)]
    for process in processes:
        process.kill()
    _reap(processes, _KILL_SECONDS)


def _reap(processes: list[psutil.Process], timeout: float) -> None:
    """Wait, with a time limit, for the ends of processes."""
    psutil.wait_procs(processes, timeout=timeout)
    _forget_ended()


def _forget_ended() -> None:
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            del _children[pid]
