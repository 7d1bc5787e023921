"""What every node needs, prepared once per machine: Java, the jars and an empty formatted log directory."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from ecomkafka.broker.cached_jars import ANSWER_SECONDS, cached, can_be_filled, locked_folder, named
from ecomkafka.broker.jars import LOCK
from ecomkafka.broker.java import find_java, run
from ecomkafka.broker.jvm_options import JVM_OPTIONS
from ecomkafka.broker.server_properties import LOG, server_properties
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.home import cache, home, may_write
from ecomkafka.machine.progress_bar import Report

_STORAGE_TOOL = "kafka.tools.StorageTool"


@dataclass(frozen=True)
class Kafka:
    """A Kafka that is ready to run."""

    java: Path
    classpath: tuple[Path, ...]
    folder: Path
    """The files made for this Java and these jars."""
    jvm: tuple[str, ...] = JVM_OPTIONS

    @property
    def archive(self) -> Path:
        """The class archive, with which a broker starts in half the time."""
        return self.folder / "classes.jsa"

    @property
    def checkpoint(self) -> Path:
        """The metadata that the storage tool puts into an empty log: equal for all nodes."""
        return self.folder / "bootstrap.checkpoint"

    @property
    def failure(self) -> Path:
        """The log of a failed archive: a Java that can't make one is not asked again, and brokers run without."""
        return self.folder / "no-archive.log"

    @property
    def settled(self) -> bool:
        """Whether nothing is left to make."""
        return self.checkpoint.exists() and (self.archive.exists() or self.failure.exists())

    def command(self, main: str, *arguments: str, temporary: str, options: tuple[str, ...] = ()) -> list[str]:
        """The command line that runs the class `main`.

        `temporary`: where the JVM unpacks native libraries, as seen from the folder in which it is started. One that
        is killed leaves them there.
        """
        archive = (f"-XX:SharedArchiveFile={self.archive}",) if self.archive.is_file() else ()
        path = os.pathsep.join(map(str, self.classpath))
        options = (f"-Djava.io.tmpdir={temporary}", *options)
        return [str(self.java), *self.jvm, *archive, *options, "-cp", path, main, *arguments]

    def run(
        self, main: str, *arguments: str, folder: Path, options: tuple[str, ...] = ()
    ) -> "subprocess.CompletedProcess[str]":
        """Run the class `main` in `folder` to its end. Raises subprocess.TimeoutExpired."""
        return run(self.command(main, *arguments, temporary=".", options=options), ANSWER_SECONDS, folder)


def install(report: Report | None = None) -> Kafka:
    """Kafka in the cache; missing files are fetched. Raises BrokerError with the cause."""
    java = find_java()
    with named(cache()):
        classpath = tuple(cached(report=report))
        # The archive of classes holds for one build of Java and for jars of one time stamp.
        stamps = (f"{jar} {jar.stat().st_mtime_ns}" for jar in classpath)
        made_for = "\n".join([str(java.executable), java.build, *stamps])
        name = f"kafka-{LOCK.version}-{hashlib.sha256(made_for.encode()).hexdigest()[:12]}"
        kafka = Kafka(java.executable, classpath, cache() / name)
        # Another's cache that does not have it stays as it is.
        if not kafka.settled and not (can_be_filled() and may_write(kafka.folder)):
            kafka = replace(kafka, folder=home() / name)
    if not kafka.checkpoint.exists():
        with making(kafka) as folder:
            if not kafka.checkpoint.exists():
                _format(kafka, folder)
    return kafka


@contextmanager
def making(kafka: Kafka) -> Iterator[Path]:
    """Make what `kafka` still needs, one process at a time, in the temporary folder that is yielded."""
    with named(kafka.folder), locked_folder(kafka.folder.parent):
        folder = kafka.folder / "making"
        shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def log_config() -> Path:
    """The log4j2 configuration of a node."""
    return Path(str(files("ecomkafka.broker").joinpath("log4j2.properties")))


def _format(kafka: Kafka, folder: Path) -> None:
    """Let the storage tool format a log once: each node then copies its checkpoint, and starts a second sooner."""
    (folder / "server.properties").write_text(server_properties(1, [(1, 2)]), encoding="ascii")
    # In the form --cluster-id=…, since an id may begin with "-".
    arguments = ("format", "--cluster-id=" + "A" * 22, "-c", "server.properties")
    done = kafka.run(_STORAGE_TOOL, *arguments, folder=folder)
    if done.returncode != 0:
        raise BrokerError(f"Kafka's storage tool failed with {kafka.java}: {_last_words(done)}")
    (folder / LOG / "bootstrap.checkpoint").replace(kafka.checkpoint)


def _last_words(done: "subprocess.CompletedProcess[str]") -> str:
    """The innermost cause in a JVM's output; without one, its exit code."""
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(("Caused by:", "Exception in", "Error"))]
    return (causes or lines or [f"it ended with {done.returncode} and said nothing"])[-1][:300]
