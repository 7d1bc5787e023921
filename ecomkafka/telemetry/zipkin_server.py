"""Zipkin on this machine, for as long as somebody looks at a trace: its page shows what waited for what.

It is the slim one, a single jar on the Java that runs Kafka; it keeps spans in memory and listens on loopback only.
"""

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecomkafka.broker.cached_jars import cached
from ecomkafka.broker.jars import Jar, Lock
from ecomkafka.broker.java import find_java
from ecomkafka.broker.jvm_options import environment
from ecomkafka.broker.ports import free_ports
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import temporary_folder
from ecomkafka.machine.guard import DETACHED, Guard
from ecomkafka.machine.progress_bar import Report

ZIPKIN = Lock(
    "zipkin-3.6.1",
    (
        Jar(
            "io.zipkin:zipkin-server:3.6.1:slim",
            86_436_567,
            "981b1de6139b4f8f787a909c308028732f9713ae5284353d2a5aa404d1094775",
        ),
    ),
    "Zipkin",
    "ecomkafka trace --view",
)
START_SECONDS = 60.0
STOP_SECONDS = 10.0


class ZipkinServer:
    """`url` says where its page is, once it is started."""

    def __init__(self, folder: Path) -> None:
        (self._port,) = free_ports(1)
        self._folder = folder

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/zipkin"

    def page(self, trace_id: str) -> str:
        """Where a trace is shown."""
        return f"{self.url}/traces/{trace_id}"

    @property
    def spans(self) -> str:
        """Where it takes spans, see `zipkin.py`."""
        return f"http://127.0.0.1:{self._port}"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.spans}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def command(self, jar: Path) -> list[str]:
        memory = ("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Djava.io.tmpdir={self._folder}")
        # Without these it would listen on all addresses.
        address = {"ip": "127.0.0.1", "port": self._port, "protocols[0]": "http"}
        where = [f"--armeria.ports[0].{name}={value}" for name, value in address.items()]
        return [str(find_java().executable), *memory, "-jar", str(jar), *where]


@contextmanager
def zipkin_server(report: Report | None = None) -> Iterator[ZipkinServer]:
    """One that takes spans; the first use fetches it. It ends with the block, or with this process.

    Raises BrokerError if it can't be fetched or does not start.
    """
    (jar,) = cached(ZIPKIN, report)
    folder = temporary_folder("ecomkafka-zipkin-")
    home = folder / "zipkin"
    home.mkdir()
    server = ZipkinServer(home)
    with (
        Guard(folder, delete=True),
        (home / "log").open("wb") as log,
        subprocess.Popen(
            server.command(jar), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), **DETACHED
        ) as process,
    ):
        (home / "pid").write_text(str(process.pid), encoding="ascii")
        try:
            _await(server, process)
            yield server
        finally:
            _end(process)


def _await(server: ZipkinServer, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if process.poll() is not None:
            raise BrokerError(f"Zipkin ended with {process.returncode} before it answered: is its memory taken?")
        if time.monotonic() > deadline:
            raise BrokerError(f"Zipkin has not answered in {START_SECONDS:.0f} s: end other programs and try again")
        time.sleep(0.05)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
