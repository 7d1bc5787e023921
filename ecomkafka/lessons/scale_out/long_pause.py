"""A long pause: an instance of the inventory, a process of its own, stops itself in the middle of a batch.

That is what a frozen virtual machine does, or a program in a debugger. It hears and says nothing, and does not know
that time has passed.
"""

import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psutil

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import group_of, memberships
from ecomkafka.engine.state import State
from ecomkafka.machine.guard import DETACHED
from ecomkafka.messages import Reserve
from ecomkafka.services.inventory import InventoryService
from ecomkafka.waiting import until

NAME = "paused"
REFUSED = "refused"
SECONDS = 60.0


class Pausing(InventoryService):
    """It stands still once: it has handled its first reservations, and has not begun the transaction for them."""

    reserved = 0

    def handle(self, record: Any, state: State) -> Any:
        self.reserved += isinstance(record.message, Reserve)
        return super().handle(record, state)

    def _at(self, point: str) -> None:
        if point == "after_handling" and self.reserved:  # the next step begins the transaction
            self.at = lambda _: None  # not a second time
            psutil.Process().suspend()

    def recovering(self, error: Exception) -> None:
        """Called with what the broker said to the commit."""
        sys.stdout.write(f"{REFUSED}: {type(error).__name__}\n")
        sys.stdout.flush()
        super().recovering(error)


class LongPause:
    """The process, from its start to its end: `with LongPause(cluster) as paused: ...`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._open = ExitStack()

    def __enter__(self) -> Self:
        address = ",".join(self._cluster.bootstrap)
        command = [sys.executable, "-m", __name__, address, self._cluster.namespace]
        with ExitStack() as opening:
            folder = opening.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            self._output = Path(folder, "output")
            with self._output.open("wb") as output:
                environment = os.environ | self._cluster.variables()
                self._process = subprocess.Popen(
                    command, env=environment, stdin=subprocess.DEVNULL, stdout=output, **DETACHED
                )
            opening.callback(self._process.wait, SECONDS)
            opening.callback(self._process.kill)
            until(self._is_member, SECONDS, "the process is a member of the group")
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def wait(self) -> None:
        """Until it stands still, with reservations that are handled and not committed."""
        process = psutil.Process(self._process.pid)
        until(lambda: process.status() == psutil.STATUS_STOPPED, SECONDS, "the process stands still")

    def resume(self) -> str:
        """Let it go on: it commits what it has in hand. Returns the name of the error with which Kafka refuses.

        Raises TimeoutError if it was not refused.
        """
        psutil.Process(self._process.pid).resume()
        return until(self._refusal, SECONDS, "the late commit is refused")

    def _refusal(self) -> str:
        """The name of the error, as soon as the process has written the whole line."""
        found = re.search(rf"^{REFUSED}: (\w+)$\s", self._output.read_text(encoding="utf-8"), re.MULTILINE)
        return found[1] if found else ""

    def _is_member(self) -> bool:
        return any(
            group.group == group_of("inventory") and f"inventory-{NAME}" in group.members
            for group in memberships(self._cluster)
        )


def main(bootstrap: str, namespace: str) -> None:
    service = Pausing(Cluster.of(bootstrap, namespace), NAME)
    service.at = service._at
    service.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
