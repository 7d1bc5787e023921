"""The lessons where somebody else's machine runs them: Binder and devcontainers get the same pins and Kafka itself."""

import json
import os
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
BINDER = ROOT / ".binder"
DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
INSTALL = "python -m pip install --no-deps -e ."


def python() -> str:
    (version,) = re.findall(r"^FROM python:([\d.]+)-slim$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    return version


def test_both_take_the_python_that_docker_and_conda_take() -> None:
    assert (BINDER / "runtime.txt").read_text(encoding="utf-8") == f"python-{python()}\n"
    assert re.fullmatch(rf"python:{re.escape(python())}-\w+", DEVCONTAINER["image"])
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert f"python={python()}" in conda["dependencies"]


def test_binder_installs_the_pins_of_the_project() -> None:
    (line,) = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert (BINDER / line.removeprefix("-r ")).resolve() == ROOT / "requirements.txt"


def test_binder_brings_the_package_and_kafka() -> None:
    build = BINDER / "postBuild"
    assert os.name == "nt" or os.access(build, os.X_OK)
    text = build.read_text(encoding="utf-8")
    assert text.index("set -euo pipefail") < text.index(INSTALL) < text.index("ecomkafka build")


def test_a_devcontainer_installs_pins_package_and_kafka_and_shows_jupyterlab() -> None:
    steps = DEVCONTAINER["postCreateCommand"].split(" && ")
    assert steps == ["python -m pip install -r requirements.txt", INSTALL, "ecomkafka build"]
    assert DEVCONTAINER["forwardPorts"] == [8888]
