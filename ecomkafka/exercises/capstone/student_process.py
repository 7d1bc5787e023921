"""A student's program as a process: started, killed, frozen and thawed, its last words kept."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from ecomkafka.clients import Cluster
from ecomkafka.exercises.capstone import launcher
from ecomkafka.exercises.capstone.limits import clients
from ecomkafka.exercises.capstone.wire import Event, Wire
from ecomkafka.machine.freezing import freeze
from ecomkafka.machine.guard import DETACHED

_SECONDS = 10.0
_KEPT = 16_384
"""Bytes of the output: a program may print without end."""


class StudentProcess:
    """Runs from its construction to `close`. `name` is "inventory-a"; `folder`, which a guard watches, is its own."""

    def __init__(
        self, name: str, folder: Path, program: Path, arguments: Sequence[str], cluster: Cluster,
        log: list[Event],
    ) -> None:  # fmt: skip
        self.name = name
        self.killed = False
        """Whether it was the harness that ended it."""
        self.wire = Wire(name, log)
        self._words = b""
        known = clients(self.wire.through(cluster))
        folder.mkdir()
        self._child = subprocess.Popen(
            [sys.executable, "-P", launcher.__file__, str(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=os.environ | {launcher.SETTINGS: json.dumps(known), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
            **DETACHED,
        )
        (folder / "pid").write_text(str(self._child.pid), encoding="utf-8")
        self._listener = threading.Thread(target=self._listen, name=f"output-{name}", daemon=True)
        self._listener.start()

    @property
    def ended(self) -> bool:
        return self._child.poll() is not None

    @property
    def exit_code(self) -> int | None:
        return self._child.poll()

    def kill(self) -> None:
        """End it, and what it has started, as kill -9 does."""
        self.killed = True
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._child.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        self._child.kill()
        self._child.wait(_SECONDS)

    def freeze(self) -> None:
        """Stop it (SIGSTOP): its connections stay open, and it does not know that time passes."""
        freeze(psutil.Process(self._child.pid))

    def thaw(self) -> None:
        psutil.Process(self._child.pid).resume()

    def last_words(self) -> str:
        """The last line of its output, and the line of the program that a traceback names."""
        self._listener.join(1.0)
        lines = [line.strip() for line in self._words.decode("utf-8", "replace").splitlines() if line.strip()]
        places = [line.partition("line ")[2] for line in lines if line.startswith("File ") and "inventory" in line]
        place = f" (line {places[-1].split(',')[0]})" if places else ""
        return f"{lines[-1][:200]}{place}" if lines else "it printed nothing"

    def close(self) -> None:
        self.kill()
        self._listener.join(_SECONDS)
        if self._child.stdout:
            self._child.stdout.close()
        self.wire.close()

    def _listen(self) -> None:
        assert self._child.stdout is not None
        with suppress(OSError, ValueError):  # closed
            while words := self._child.stdout.read1(_KEPT):  # type: ignore[attr-defined]
                self._words = (self._words + words)[-_KEPT:]
