"""What a node is started from, made once a machine: Java, the jars, Kafka's own format of an empty log."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from filelock import FileLock, Timeout

from ecomkafka.runtime.errors import BrokerError
from ecomkafka.runtime.home import cache
from ecomkafka.runtime.jars import LOCK, jars
from ecomkafka.runtime.java import OTHER_JAVA, Java, find_java
from ecomkafka.runtime.progress import Report

_SECONDS = 60.0
_LOCK_SECONDS = 300
_JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
)
"""Quick to start and small: the JIT's second tier pays off only after minutes of load.

Performance data would lie in the system's temporary folder, whatever `java.io.tmpdir` says. Compression is native, and
newer Javas warn of that unless it is allowed.
"""


@dataclass(frozen=True)
class Kafka:
    """A Kafka that is ready to run."""

    java: Path
    classpath: tuple[Path, ...]
    folder: Path
    """What was made for this Java and these jars."""
    jvm: tuple[str, ...] = _JVM

    @property
    def archive(self) -> Path:
        """The classes of a started broker, ready for the JVM to map: it starts in half the time."""
        return self.folder / "classes.jsa"

    @property
    def checkpoint(self) -> Path:
        """The metadata that the storage tool puts into an empty log: equal for all nodes."""
        return self.folder / "bootstrap.checkpoint"

    def command(self, main: str, *arguments: str, temporary: Path, options: tuple[str, ...] = ()) -> list[str]:
        """The command line that runs the class `main`.

        `temporary`: where the JVM unpacks native libraries. One that is killed leaves them there.
        """
        archive = (f"-XX:SharedArchiveFile={self.archive}",) if self.archive.is_file() else ()
        path = os.pathsep.join(map(str, self.classpath))
        options = (f"-Djava.io.tmpdir={temporary}", *options)
        return [str(self.java), *self.jvm, *archive, *options, "-cp", path, main, *arguments]


def install(report: Report | None = None) -> Kafka:
    """Kafka, as it lies in the cache; what is missing is fetched. BrokerError says what is in the way."""
    java = find_java()
    with cache_lock():
        return _install(java, report)


@contextmanager
def cache_lock() -> Iterator[None]:
    """One process at a time changes the cache; BrokerError if another one is at it for very long."""
    try:
        with FileLock(cache() / "cache.lock", timeout=_LOCK_SECONDS):
            yield
    except Timeout as error:
        busy = f"another program has been setting up Kafka in {cache()} for {_LOCK_SECONDS} s"
        raise BrokerError(f"{busy}: end it and try again") from error


def _install(java: Java, report: Report | None) -> Kafka:
    classpath = tuple(jars(cache() / "jars", report))
    # The archive of classes holds for one build of Java and for jars of one time stamp.
    made_for = "\n".join([str(java.executable), java.build, *(f"{jar} {jar.stat().st_mtime_ns}" for jar in classpath)])
    folder = cache() / f"kafka-{LOCK.version}-{hashlib.sha256(made_for.encode()).hexdigest()[:12]}"
    kafka = Kafka(java.executable, classpath, folder)
    if not kafka.checkpoint.exists():
        _format(kafka)
    return kafka


def log_config() -> Path:
    """The log4j2 configuration of a node."""
    return Path(str(files("ecomkafka.runtime").joinpath("log4j2.properties")))


def _format(kafka: Kafka) -> None:
    """Let the storage tool format a log once: each node then copies its checkpoint, and starts a second sooner."""
    kafka.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ecomkafka-") as scratch:
        properties, log = Path(scratch, "server.properties"), Path(scratch, "log")
        properties.write_text(
            f"process.roles=broker,controller\nnode.id=1\nlog.dirs={log.as_posix()}\ncontroller.listener.names=CONTROLLER\n"
            "listeners=BROKER://127.0.0.1:1,CONTROLLER://127.0.0.1:2\ninter.broker.listener.name=BROKER\n"
            "listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
            "controller.quorum.voters=1@127.0.0.1:2\n",
            encoding="utf-8",
        )
        # In the form --cluster-id=…, since an id may begin with "-".
        arguments = ("format", "--cluster-id=" + "A" * 22, "-c", str(properties))
        command = kafka.command("kafka.tools.StorageTool", *arguments, temporary=Path(scratch))
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if done.returncode != 0:
            said = (done.stderr + done.stdout).strip()[-200:]
            raise BrokerError(f"Kafka's storage tool failed with {kafka.java} ({said!r}): {OTHER_JAVA}")
        partial = kafka.checkpoint.with_suffix(".part")
        shutil.copyfile(log / "bootstrap.checkpoint", partial)
        partial.replace(kafka.checkpoint)
