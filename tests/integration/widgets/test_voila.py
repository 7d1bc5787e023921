"""The shipped page under Voila: a page without a notebook around it, with the panels' widgets in it."""

import html
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from ecomkafka.broker.ports import free_ports
from ecomkafka.machine.home import cache
from tests.waiting import PATIENCE, eventually

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "19_shop_floor.ipynb"


class Voila:
    """The server; what its pages start lies in `folder`."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        (port,) = free_ports(1)
        self._folder, self.address = folder, f"http://127.0.0.1:{port}/"
        where = ("--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}")
        command = [sys.executable, "-m", "voila", *where, *options, str(NOTEBOOK)]
        own = {"HOME": str(folder), "TMPDIR": str(folder), "TEMP": str(folder), "ECOMKAFKA_CACHE": str(cache())}
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(command, cwd=folder, env=os.environ | own, stdout=log, stderr=log)

    def running(self) -> dict[int, str]:
        """The pages' kernels, and their brokers' JVMs, which outlive them if they must."""
        found = {}
        for process in psutil.process_iter(["cmdline", "ppid"]):
            command = " ".join(process.info["cmdline"] or ())
            if process.info["ppid"] == self._server.pid and "ipykernel_launcher" in command:
                found[process.pid] = "kernel"
            elif str(self._folder) in command and "kafka.Kafka" in command:
                found[process.pid] = "broker"
        return found

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        self._server.terminate()
        try:
            self._server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait(PATIENCE)
            raise


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Voila]:
    """With a home of its own, and each page a broker of its own."""
    voila = Voila(folder, options)
    try:
        yield voila
    finally:
        voila.stop()


@pytest.fixture
def voila(tmp_path: Path) -> Iterator[Voila]:
    """What fails in a cell is on the page with its trace."""
    with serving(tmp_path, "--show_tracebacks=True") as running:
        yield running


def page(address: str) -> str:
    """What is served; nothing as long as nobody listens."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError:
        raise
    except urllib.error.URLError:
        return ""


def text(served: str) -> str:
    """What a reader sees of it."""
    return html.unescape(re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^>]+>", "", served))


def test_the_page_shows_the_living_panels_and_no_error(voila: Voila) -> None:
    """What is in them comes by the kernel's socket, to a browser."""
    served = eventually(lambda: page(voila.address), "the page")
    told = f"{text(served)}\n{voila.log()}"
    assert "Traceback" not in served, told
    assert re.search(r'"application/vnd\.jupyter\.widget-view\+json": {"model_id": "\w+".*Order desk', served), told


@pytest.mark.timeout(300)
def test_a_page_that_nobody_has_open_ends_with_its_shop_though_its_panels_go_on(tmp_path: Path) -> None:
    """As after a browser that was killed. The settings are the package's, but for how soon nobody is there."""
    options = ("--MappingKernelManager.cull_idle_timeout=25", "--MappingKernelManager.cull_interval=1")
    with ThreadPoolExecutor() as pool, serving(tmp_path, *options) as voila:
        pool.submit(eventually, lambda: page(voila.address), "the page")
        eventually(voila.running, "a kernel")
        eventually(lambda: not voila.running(), "the end of kernel and broker")
