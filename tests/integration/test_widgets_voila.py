"""The shipped page under Voila: a page without a notebook around it, with the panels' widgets in it."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecomkafka.runtime.home import cache
from ecomkafka.runtime.ports import free_ports
from tests.waiting import eventually

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "11_shop_floor.ipynb"


@pytest.fixture
def voila(tmp_path: Path) -> Iterator[str]:
    """Where it listens; it has a home of its own, and each page a broker of its own."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "voila", "--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", str(NOTEBOOK)]
    surroundings = os.environ | {"HOME": str(tmp_path), "ECOMKAFKA_CACHE": str(cache())}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, env=surroundings, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(20)
                raise


def page(address: str) -> str:
    """What is served; nothing as long as nobody listens."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError:
        raise
    except urllib.error.URLError:
        return ""


def test_the_page_shows_the_living_panels_and_no_error(voila: str) -> None:
    """What is in them comes by the kernel's socket, to a browser."""
    served = eventually(lambda: page(voila), "the page")
    assert served.count("application/vnd.jupyter.widget-view+json") == 1
    assert "model_id" in served
    assert "Traceback" not in served
