"""A JupyterLab of the tests' own: on 127.0.0.1, with a home of its own, and nothing that pops up."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat

from ecomkafka.broker.ports import free_ports
from ecomkafka.machine.home import cache
from tests.waiting import eventually

_START_SECONDS = 60.0
_STOP_SECONDS = 20.0

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/apputils-extension:sessionDialogs": {"skipKernelRestartDialog": True},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    # Without it cells that are out of sight are not on the page.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


class LabServer:
    """Where it listens, the folder whose notebooks it shows, and the environment in which its kernels live."""

    def __init__(self, folder: Path, surroundings: dict[str, str]) -> None:
        (port,) = free_ports(1)
        self.port, self.token = port, secrets.token_hex(16)
        self.folder, self.surroundings = folder, surroundings
        self.home = f"http://127.0.0.1:{port}"

    def address(self, notebook: str) -> str:
        return f"{self.home}/lab/tree/{notebook}?reset&token={self.token}"

    def write(self, notebook: str, cells: Sequence[str]) -> None:
        """A notebook of code cells."""
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, self.folder / notebook)

    def copy(self, notebook: Path, name: str) -> None:
        """One that is there, as it was saved."""
        shutil.copyfile(notebook, self.folder / name)

    def trust(self, name: str) -> None:
        """As if it had been run and saved by whoever opens it here."""
        command = [sys.executable, "-m", "jupyter", "trust", name]
        subprocess.run(command, cwd=self.folder, env=self.surroundings, check=True, capture_output=True, timeout=60)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.home}/api/status?token={self.token}", timeout=10):
                return True
        except urllib.error.HTTPError:
            raise
        except OSError:
            return False


@contextmanager
def serving(folder: Path, environment: dict[str, str]) -> Iterator[LabServer]:
    """Started in `folder`; ends with its kernels. Raises TimeoutError with the end of its log if nobody answers."""
    home, notebooks = folder / "home", folder / "notebooks"
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps(SETTINGS), encoding="utf-8")
    notebooks.mkdir()
    jupyter = {f"JUPYTER_{kind.upper()}_DIR": str(home / kind) for kind in ("config", "data", "runtime")}
    ours = {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "ECOMKAFKA_CACHE": str(cache())}
    server = LabServer(notebooks, os.environ | ours | jupyter | environment)
    options = ("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={server.port}", "--ServerApp.port_retries=0")
    command = [sys.executable, "-m", "jupyterlab", *options, f"--IdentityProvider.token={server.token}"]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=notebooks, env=server.surroundings, stdout=output, stderr=output)
        try:
            eventually(lambda: process.poll() is not None or server.answers(), "JupyterLab's answer")
            if process.poll() is not None:
                raise RuntimeError(
                    f"JupyterLab ended with {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}"
                )
            yield server
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_STOP_SECONDS)
                raise
