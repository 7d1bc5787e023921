"""A service as a child process that can be killed, frozen and doubled."""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec
import psutil

from ecomkafka.clients import Cluster
from ecomkafka.machine.freezing import freeze
from ecomkafka.machine.guard import DETACHED
from ecomkafka.operations.processes import Entry, label

READY_SECONDS = 60.0
STOP_SECONDS = 8.0


class ServiceProcess:
    """A process `ecomkafka serve SERVICE`. The files in `home` outlive it: log, ledger, mailbox and database.

    `command`: another module that serves, and its arguments.
    `settings`: further variables, named without ECOMKAFKA_: `{"SMTP": "127.0.0.1:2525", "PAYMENTS": "/x/ledger"}`.
    Two of the same name can run only in different homes: then the later one fences the earlier.
    """

    def __init__(
        self,
        cluster: Cluster,
        service: str,
        instance: str = "0",
        *,
        home: Path,
        settings: Mapping[str, str] | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self.cluster, self.service, self.instance, self.home = cluster, service, instance, home
        chosen = {
            "HOME": str(home),
            "METRICS": "",  # its ports are those of this process's own services
            **(settings or {}),
        }
        own = {f"ECOMKAFKA_{name}": value for name, value in chosen.items()} | {"PYTHONUTF8": "1"}
        self._environment = cluster.variables() | own
        self._command = command or ("ecomkafka", "serve", service, "--instance", instance)
        self.code: Path | None = None
        """The folder of another version of the package that it runs from its next start on; None: this version."""
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.home / "logs" / f"{self._label}.log"

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        return self._child.pid if self.is_alive and self._child else None

    @property
    def is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def state(self) -> str | None:
        """What the system says of it: "running", "sleeping", "stopped" while it is frozen; None if it has ended."""
        return None if self.pid is None else str(self._process().status())

    def start(self) -> Self:
        """Start the process; call `wait_ready` afterwards. Raises RuntimeError if it runs."""
        if self.is_alive:
            raise RuntimeError(f"{self._label} runs already as process {self.pid}: stop() it first")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-P", "-m", *self._command]
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self._environment | ({"PYTHONPATH": str(self.code)} if self.code else {}),
                **DETACHED,
            )
        (self.home / "pid").write_text(str(self._child.pid), encoding="utf-8")  # a guard looks for it
        return self

    def wait_ready(self, timeout: float = READY_SECONDS) -> Self:
        """Wait until it handles records. Raises RuntimeError with its last log line if it ends, or TimeoutError."""
        deadline = time.monotonic() + timeout
        while not self._says_ready():
            if not self.is_alive:
                raise RuntimeError(f"{self._label} did not start: {self.last_words()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._label} is not ready after {timeout:.0f} s: read {self.log}")
            time.sleep(0.02)
        return self

    def last_words(self) -> str:
        """The last line of its log."""
        try:
            with self.log.open(encoding="utf-8", errors="replace") as lines:
                last = deque((line.strip() for line in lines if line.strip()), maxlen=1)
        except FileNotFoundError:
            return f"{self.log} is not there"
        return last[0] if last else f"{self.log} says nothing"

    def kill(self) -> None:
        """End it as kill -9 does; no effect if it has ended."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(STOP_SECONDS)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): its connections stay open, and nothing is sent or read."""
        freeze(self._process())

    def resume(self) -> None:
        """Continue it after `pause`."""
        self._process().resume()

    def stop(self) -> None:
        """Stop it cleanly, with a time limit; no effect if it has ended."""
        if not self.is_alive or self._child is None:
            return
        self.resume()  # frozen, it would not hear that it is to end
        self._child.terminate()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def __enter__(self) -> Self:
        try:
            return self.start().wait_ready()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def _label(self) -> str:
        return label(self.service, self.instance, self.cluster.namespace)

    def _process(self) -> psutil.Process:
        if self.pid is None:
            raise RuntimeError(f"{self._label} does not run: start() it first")
        return psutil.Process(self.pid)

    def _says_ready(self) -> bool:
        try:
            last = msgspec.json.decode(
                (self.home / "run" / "services" / f"{self._label}.json").read_bytes(), type=Entry
            )
        except (FileNotFoundError, msgspec.MsgspecError):
            return False
        return last.ready and last.pid == self.pid
