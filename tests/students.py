"""Students at work: for each a Jupyter kernel with an account of its own, as on a machine of the student's."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

CELL_SECONDS = 60


class Kernel:
    """A student's kernel: cells in, what they show out."""

    def __init__(self, settings: Mapping[str, str], home: Path) -> None:
        home.mkdir()
        self._manager: Any = KernelManager(kernel_name="python3")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ECOMKAFKA_")}
        chosen = {f"ECOMKAFKA_{name}": value for name, value in {**settings, "HOME": str(home)}.items()}
        self._manager.start_kernel(env=environment | chosen, cwd=str(home))
        self._client = self._manager.client()
        self._client.start_channels()
        self._asked = ""

    def wait_ready(self) -> None:
        self._client.wait_for_ready(timeout=CELL_SECONDS)

    def begin(self, source: str) -> None:
        """Run a cell, and don't wait for it."""
        self._asked = self._client.execute(source)

    def shown(self) -> str:
        """The texts that the cell shows, when it has ended; an exception is one of them."""
        texts: list[str] = []
        while True:
            message = self._client.get_iopub_msg(timeout=CELL_SECONDS)
            content = message["content"]
            if message["parent_header"].get("msg_id") != self._asked:
                continue
            if content.get("execution_state") == "idle":
                return "".join(texts)
            texts.append(content.get("text") or content.get("evalue") or content.get("data", {}).get("text/plain", ""))

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()
        self._manager.cleanup_resources()


@contextmanager
def kernels(settings: Mapping[str, Mapping[str, str]], folder: Path) -> Iterator[dict[str, Kernel]]:
    """One for each student; `settings`: the variables that each has set, named without ECOMKAFKA_."""
    with ExitStack() as stack:
        running = {}
        for name, values in settings.items():
            running[name] = Kernel(values, folder / name)
            stack.callback(running[name].close)
        for kernel in running.values():
            kernel.wait_ready()
        yield running
