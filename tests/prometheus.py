"""A private Prometheus for the proofs: the PATH's, or Debian's package, fetched and unpacked but not installed.

To install it would start a server of its own.
"""

import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from ecomkafka.machine.guard import Guard
from tests.waiting import PATIENCE

RULES = Path(__file__).parents[1] / "deploy" / "prometheus"
HOW_TO_GET = "put prometheus and promtool on the PATH, or have apt-get (Debian) fetch them"


class Programs(NamedTuple):
    prometheus: str
    promtool: str


def programs(folder: Path) -> Programs:
    """Those on the PATH, else Debian's, unpacked in `folder`."""
    found = shutil.which("prometheus"), shutil.which("promtool")
    if found[0] and found[1]:
        return Programs(found[0], found[1])
    if shutil.which("apt-get") is None:
        raise RuntimeError(f"Prometheus is not here: {HOW_TO_GET}")
    if _run(folder, "apt-get", "download", "prometheus").returncode:
        _run(folder, "apt-get", "-q", "update").check_returncode()
        _run(folder, "apt-get", "download", "prometheus").check_returncode()
    (package,) = folder.glob("prometheus_*.deb")
    _run(folder, "dpkg", "-x", package.name, "unpacked").check_returncode()
    programs = folder / "unpacked" / "usr" / "bin"
    return Programs(str(programs / "prometheus"), str(programs / "promtool"))


def _run(folder: Path, *command: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)


class Prometheus:
    """A server that asks its targets every few seconds: one that is slow to answer is not down."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("query?" + urllib.parse.urlencode({"query": expression}))["result"]
        return found

    def alerts(self, state: str = "firing") -> set[str]:
        """The names of the alerts in this state."""
        return {alert["labels"]["alertname"] for alert in self._get("alerts")["alerts"] if alert["state"] == state}

    def is_ready(self) -> bool:
        try:
            self._get("query?query=1")
        except OSError:
            return False
        return True

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", timeout=PATIENCE) as answer:
            return msgspec.json.decode(answer.read())["data"]


@contextmanager
def server(folder: Path, targets: Sequence[str], program: str) -> Iterator[Prometheus]:
    """With the project's rules; its process ends with the block, or with these tests."""
    home = folder / "server"
    home.mkdir()
    config = yaml.safe_load((RULES / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "5s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(RULES / "rules.yml")]
    config["scrape_configs"][0]["static_configs"] = [{"targets": list(targets)}]
    (home / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = (f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data")
    command = [program, *options, f"--web.listen-address={address}"]
    with (
        Guard(folder, delete=False),
        (home / "log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process,
    ):
        (home / "pid").write_text(str(process.pid), encoding="ascii")
        try:
            yield Prometheus(f"http://{address}")
        finally:
            process.terminate()
            process.wait(PATIENCE)
