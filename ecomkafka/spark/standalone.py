"""Spark's own cluster on this machine: a master and workers, processes that end with the block.

A worker starts executors, which can be killed. Only the loopback interface is used.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psutil

from ecomkafka.broker.ports import free_ports
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import temporary_folder
from ecomkafka.machine.guard import DETACHED, Guard
from ecomkafka.spark.programs import LOOPBACK, variables

_SECONDS = 90.0
_STOP_SECONDS = 20.0
_PACKAGE = "org.apache.spark.deploy"
_EXECUTOR = "CoarseGrainedExecutorBackend"


class StandaloneCluster:
    """`with StandaloneCluster(workers=2) as cluster, session(cluster.url) as spark: …`; each worker has one core."""

    def __init__(self, workers: int = 2) -> None:
        self._count = workers
        self._ends = ExitStack()
        self._programs: list[subprocess.Popen[bytes]] = []
        self.url = ""

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._ends.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def _start(self) -> None:
        folder = temporary_folder("ecomkafka-spark-cluster-")
        self._ends.callback(shutil.rmtree, folder, ignore_errors=True)
        if len(str(folder).split()) > 1:
            wrong = f"{folder.parent} has a space in it, at which Spark splits its options"
            raise BrokerError(f"{wrong}: point TMPDIR at another folder")
        own = variables(folder) | {
            "SPARK_DAEMON_MEMORY": "128m",
            "SPARK_DAEMON_JAVA_OPTS": f"-XX:+UseSerialGC -Decomkafka.spark={folder}",  # by which a guard knows it
        }
        self._ends.enter_context(Guard(folder, delete=False))
        self._ends.callback(self._stop)
        port, web = map(str, free_ports(2))
        self.url, self._page = f"spark://{LOOPBACK}:{port}", f"http://{LOOPBACK}:{web}/json/"
        here = ("--host", LOOPBACK)
        self._run(folder / "master", own, "master.Master", *here, "--port", port, "--webui-port", web)
        self._wait(lambda: self._told() is not None, "Spark's master answers")
        for number in range(self._count):
            place = folder / f"worker-{number}"
            size = ("--webui-port", "0", "--cores", "1", "--memory", "512m", "--work-dir", str(place))
            self._run(place, own, "worker.Worker", *here, *size, self.url)
        self._wait(lambda: (self._told() or {}).get("aliveworkers") == self._count, "all workers are there")

    @property
    def executors(self) -> list[psutil.Process]:
        """The executors of all workers, the oldest first: `executors[0].kill()` is kill -9."""
        children = [child for program in self._programs[1:] for child in psutil.Process(program.pid).children()]
        return sorted(filter(_is_executor, children), key=psutil.Process.create_time)

    def _run(self, folder: Path, own: dict[str, str], name: str, *arguments: str) -> None:
        folder.mkdir()
        command = [f"{own['SPARK_HOME']}/bin/spark-class", f"{_PACKAGE}.{name}", *arguments]
        with (folder / "log").open("wb") as log:
            program = subprocess.Popen(
                command, cwd=folder, env=os.environ | own, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **DETACHED
            )
        (folder / "pid").write_text(str(program.pid), encoding="ascii")
        self._programs.append(program)
        self._log = folder / "log"

    def _told(self) -> dict[str, Any] | None:
        """What the master says of itself; None while it does not answer."""
        try:
            with urllib.request.urlopen(self._page, timeout=2) as answer:
                return dict(json.load(answer))
        except (OSError, ValueError):
            return None

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _SECONDS
        while not condition():
            ended = [program for program in self._programs if program.poll() is not None]
            if ended or time.monotonic() > deadline:
                words = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
                raise BrokerError(f"{what}: not within {_SECONDS:g} s, last words: {words}")
            time.sleep(0.1)

    def _stop(self) -> None:
        """The workers first: each ends its executors."""
        for program in reversed(self._programs):
            program.terminate()
        for program in self._programs:
            try:
                program.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait(_STOP_SECONDS)


def _is_executor(process: psutil.Process) -> bool:
    """Other programs of a worker end at once, or are what is left of its script."""
    try:
        return any(_EXECUTOR in word for word in process.cmdline())
    except psutil.Error:  # it has ended
        return False
