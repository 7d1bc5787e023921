"""Instances of the windows as processes: they share the partitions, and one can be killed."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import Any, Self

from ecomkafka.clients import Cluster
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.guard import close_in_forks
from ecomkafka.waiting import until

_SECONDS = 120.0


class Instance:
    """One process. `with Instance(cluster, "windows") as one: …` starts it and ends it."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        module = f"{__package__}.instance"
        self._command = [sys.executable, "-m", module, ",".join(cluster.bootstrap), cluster.namespace, name]
        self._environment = os.environ | cluster.variables()
        self._process: subprocess.Popen[str] | None = None
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - __exit__ closes it
        self._killed = False
        self._answers: list[dict[str, Any]] = []
        self.state = ""
        """What it said last: REBALANCING, RUNNING, …"""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )
        assert self._process.stdin is not None
        close_in_forks(self._process.stdin)
        self._listener = threading.Thread(target=self._listen, args=(self._process,), daemon=True)
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        with self._complaints:
            with contextlib.suppress(BrokenPipeError):
                if self._process.stdin is not None:
                    self._process.stdin.close()  # it ends by itself
            try:
                self._process.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._listener.join(_SECONDS)

    def kill(self) -> None:
        """kill -9: it can say goodbye to nobody."""
        if self._process is not None:
            self._killed = True
            self._process.kill()
            self._process.wait(_SECONDS)

    def windows(self) -> dict[str, Any]:
        """The windows that it holds, by their starts; none if it was killed or gets other partitions just now.

        Raises BrokerError with its last words if it has ended by itself.
        """
        process = self._process
        if process is None or process.stdin is None or self._killed:
            return {}
        known = len(self._answers)
        with contextlib.suppress(BrokenPipeError):  # it has ended: it says so below
            process.stdin.write("windows\n")
            process.stdin.flush()
        until(lambda: len(self._answers) > known or process.poll() is not None, _SECONDS, "an instance has answered")
        if len(self._answers) > known:
            return dict(self._answers[-1])
        self._complaints.seek(0)
        words = self._complaints.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise BrokerError(f"an instance has ended by itself, with exit code {process.returncode}: {words[-1]}")

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                told = json.loads(line)
                if "windows" in told:
                    self._answers.append(told["windows"])
                else:
                    self.state = told["state"]


def shared(instances: list[Instance], events: int, timeout: float = _SECONDS) -> list[int]:
    """How many windows each instance holds, as soon as all of them together have so many events.

    Raises TimeoutError that says what each has and is doing.
    """
    held: list[dict[str, Any]] = []

    def is_complete() -> bool:
        held[:] = [instance.windows() for instance in instances]
        found = sum(count for rows in held for sums in rows.values() for count, _money in sums.values())
        return bool(found == events)

    try:
        until(is_complete, timeout, f"the instances hold {events} events")
    except TimeoutError as error:
        found = zip(instances, held, strict=False)
        each = ", ".join(f"{instance.state or 'starting'} with {len(rows)} windows" for instance, rows in found)
        raise TimeoutError(f"{error}: {each}") from None
    return [len(rows) for rows in held]
