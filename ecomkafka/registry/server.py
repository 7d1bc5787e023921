"""The registry as a process: loopback only, 256 MB, its schemas in a file that survives a restart.

Like a node of the broker it outlives the command that started it: its state is in its folder, so any process may ask
for it or stop it.
"""

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ecomkafka.broker.java import find_java
from ecomkafka.broker.jvm_options import environment
from ecomkafka.broker.ports import free_ports, is_free
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import check_data, temporary_folder
from ecomkafka.machine.guard import DETACHED, Guard, process_of
from ecomkafka.machine.home import data_dir, run_dir
from ecomkafka.machine.locks import locked
from ecomkafka.machine.progress_bar import Report
from ecomkafka.registry.apicurio import program
from ecomkafka.registry.client import API, Registry

START_SECONDS = 90.0
STOP_SECONDS = 15.0
_KILL_SECONDS = 10.0
_LOCK_SECONDS = 600.0
LEVEL = "BACKWARD"
"""Apicurio takes everything until a level is set; this one is Confluent's default."""
STORAGE = {"apicurio.datasource.url": "jdbc:h2:file:./schemas"}
MEMORY = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

_children: list["subprocess.Popen[bytes]"] = []
"""What this Python process has started: it outlives the object that started it, its handle may not."""


class RegistryServer:
    """The registry whose schemas are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid, self._ports, self.log = folder / "pid", folder / "ports", folder / "log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._remembered()[0]}"

    @property
    def process(self) -> psutil.Process | None:
        """Its process, whichever program started it, or None."""
        return process_of(self._pid, self._mark)

    @property
    def _mark(self) -> str:
        return f"-Decomkafka.registry={self._folder}"

    def start(self, report: Report | None = None) -> None:
        """Start it, unless it runs, and wait until it answers. Raises BrokerError if it ends or is silent."""
        if self.process is not None:
            return
        jar = program(report)
        self._folder.mkdir(parents=True, exist_ok=True)
        check_data(self._folder, 1)
        ports = self._choose_ports()
        with self.log.open("wb") as log:
            child = subprocess.Popen(
                self._command(jar, ports),
                cwd=self._folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **DETACHED,
            )
        self._pid.write_text(str(child.pid), encoding="ascii")
        try:
            self._wait(child)
            Registry(self.url).set_level(LEVEL)
        except BaseException:
            child.kill()
            child.wait(_KILL_SECONDS)
            raise
        _children.append(child)

    def stop(self) -> bool:
        """Stop it; its schemas stay. False if it did not run."""
        if (process := self.process) is None:
            return False
        process.terminate()
        _, alive = psutil.wait_procs([process], timeout=STOP_SECONDS)
        for frozen in alive:
            frozen.kill()
        psutil.wait_procs(alive, timeout=_KILL_SECONDS)
        _children[:] = [child for child in _children if child.poll() is None]
        self._pid.unlink(missing_ok=True)
        return True

    def delete(self) -> None:
        """Stop it and delete its schemas."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _command(self, jar: Path, ports: tuple[int, int]) -> list[str]:
        # Without an address it would listen on all of them.
        listeners = zip(("quarkus.http", "quarkus.management"), ports, strict=True)
        settings = dict(STORAGE)
        for name, port in listeners:
            settings |= {f"{name}.host": "127.0.0.1", f"{name}.port": str(port)}
        options = [f"-D{name}={value}" for name, value in settings.items()]
        temporary = f"-Djava.io.tmpdir={self._folder}"
        return [str(find_java().executable), *MEMORY, self._mark, temporary, *options, "-jar", str(jar)]

    def _wait(self, child: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if child.poll() is not None:
                raise BrokerError(f"the registry ended with {child.returncode} before it answered: read {self.log}")
            if time.monotonic() > deadline:
                raise BrokerError(f"the registry has not answered in {START_SECONDS:.0f} s: read {self.log}")
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}{API}/subjects", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _choose_ports(self) -> tuple[int, int]:
        """Those that it had, so that its address stays, or free ones."""
        if not (self._ports.exists() and all(map(is_free, self._remembered()))):
            self._ports.write_text(" ".join(map(str, free_ports(2))), encoding="ascii")
        return self._remembered()

    def _remembered(self) -> tuple[int, int]:
        try:
            first, second = map(int, self._ports.read_text(encoding="ascii").split())
        except (FileNotFoundError, ValueError) as error:
            raise BrokerError("no registry has been started here: 'ecomkafka registry up' starts one") from error
        return first, second


def shared() -> RegistryServer:
    """The one of this user's home, which `ecomkafka registry` starts and stops."""
    return RegistryServer(data_dir() / "registry")


@contextmanager
def changing() -> Iterator[RegistryServer]:
    """The shared one, for whoever starts or stops it: one process at a time."""
    who = "another command has been starting or stopping the registry"
    with locked(run_dir() / "registry.lock", _LOCK_SECONDS, who):
        yield shared()


@contextmanager
def private_registry(report: Report | None = None) -> Iterator[RegistryServer]:
    """One that runs and is empty; it ends, and is deleted, with the block or with this process."""
    folder = temporary_folder("ecomkafka-registry-")
    server = RegistryServer(folder / "registry")
    with Guard(folder, delete=True):
        try:
            server.start(report)
            yield server
        finally:
            server.stop()
