"""What is pinned, installed and checked: the same in requirements.txt, environment.yml, Docker, CI and the hooks."""

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ecomkafka.spark.connector import VERSION as CONNECTOR

ROOT = Path(__file__).parents[3]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
ASKED = (
    *PROJECT["dependencies"],
    *EXTRAS["gateway"],
    *EXTRAS["lab"],
    *EXTRAS["metrics"],
    *EXTRAS["registry"],
    *EXTRAS["streams"],
    *EXTRAS["test"],
)
DIRECT = [Requirement(line) for line in ASKED]
LOCKED = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
PINS = {canonicalize_name(pin.name): pin for pin in map(Requirement, LOCKED)}
SPARK = {
    canonicalize_name(pin.name): pin
    for pin in map(Requirement, (ROOT / "requirements-spark.txt").read_text(encoding="utf-8").splitlines())
}
CONDA: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
RUN = ROOT / ".ci" / "run"


def version(pin: Requirement) -> str:
    (exactly,) = pin.specifier
    assert exactly.operator == "=="
    return exactly.version


def test_every_line_pins_one_version_without_an_address() -> None:
    assert len(PINS) == len(LOCKED)
    for pin in PINS.values():
        assert version(pin)
        assert pin.url is None


def test_what_the_project_asks_for_is_pinned_within_its_range() -> None:
    for asked in DIRECT:
        assert version(PINS[canonicalize_name(asked.name)]) in asked.specifier, asked


def test_what_the_pinned_packages_ask_for_is_pinned_too() -> None:
    """As the packages that are installed here say it, for this platform."""
    asked_for = [(asked.name, extra) for asked in DIRECT for extra in ("", *asked.extras)]
    seen: set[tuple[str, str]] = set()
    while asked_for:
        name, extra = asked_for.pop()
        if (canonicalize_name(name), extra) in seen:
            continue
        seen.add((canonicalize_name(name), extra))
        for line in metadata.requires(name) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                assert canonicalize_name(needed.name) in PINS, f"{name} needs {needed}"
                asked_for += [(needed.name, wanted) for wanted in ("", *needed.extras)]
    assert len(seen) > len(DIRECT)


def test_spark_has_pins_of_its_own_that_agree_with_the_others_and_only_the_proofs_install_them() -> None:
    (asked,) = map(Requirement, EXTRAS["spark"])
    assert version(SPARK["pyspark"]) in asked.specifier
    assert version(SPARK["pyspark"]) == CONNECTOR
    assert SPARK.keys() & PINS.keys() == set()
    assert MAKEFILE.count("-r requirements-spark.txt") == 1
    assert re.findall(r"^(.*): \$\(SPARK\)", MAKEFILE, re.MULTILINE) == ["proof"]


def test_windows_and_macos_get_what_only_they_need() -> None:
    for name, platform in (("colorama", "win32"), ("pywinpty", "nt"), ("appnope", "darwin")):
        assert platform in str(PINS[canonicalize_name(name)].marker)


def conda_pins() -> dict[str, Requirement]:
    (pip,) = (part["pip"] for part in CONDA["dependencies"] if isinstance(part, dict))
    return {canonicalize_name(pin.name): pin for pin in (Requirement(line) for line in pip if line != "-e .")}


def test_conda_gets_the_same_versions() -> None:
    """If this fails: python tools/lock_requirements.py."""
    assert conda_pins().keys() == {canonicalize_name(asked.name) for asked in DIRECT}
    for name, pin in conda_pins().items():
        assert version(pin) == version(PINS[name]), name
    extras = {canonicalize_name(asked.name): asked.extras for asked in DIRECT}
    assert {name: pin.extras for name, pin in conda_pins().items()} == extras


def test_conda_docker_and_ci_use_a_python_that_the_project_allows() -> None:
    allowed = SpecifierSet(PROJECT["requires-python"])
    (conda,) = (part.split("=")[1] for part in CONDA["dependencies"] if str(part).startswith("python="))
    (docker,) = re.findall(r"^FROM python:([\d.]+)-slim$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    tested = yaml.safe_load(WORKFLOW)["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert conda == docker
    assert tested[0] == PROJECT["requires-python"].removeprefix(">=")
    assert all(python in allowed for python in (conda, *tested))


def test_ci_runs_what_a_developer_runs() -> None:
    text = RUN.read_text(encoding="utf-8")
    assert os.name == "nt" or os.access(RUN, os.X_OK)
    assert (
        text.index("\nmake lint\n")
        < text.index("-p tests.strict")
        < text.index(" make test ")
        < text.index(" make proof ")
    )
    assert "run: bash .ci/run" in WORKFLOW
    checks = re.findall(r"\$\(BIN\)/(python -m (?:ruff|mypy).*)", MAKEFILE)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    assert [check.removesuffix(" --check") for check in checks] == [
        hook["entry"].removesuffix(" --force-exclude") for hook in hooks
    ]


LINES = {
    "def test_a(): pass": 0,
    "import pytest\n@pytest.mark.skip\ndef test_a(): pass\ndef test_b(): pass": 1,
    "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False\ndef test_b(): pass": 1,
    "import pytest\n@pytest.mark.xfail\ndef test_a(): pass\ndef test_b(): pass": 1,
    "def test_a(): pass\ndef test_left_out(): pass": 1,
    "def test_a(): assert False": 1,
}


@pytest.mark.parametrize(("tests", "code"), LINES.items())
def test_a_test_that_does_not_run_fails_ci(tests: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(tests, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-k", "not left_out", "-p", "tests.strict", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout
    assert ("strict:" in done.stdout) == (code == 1 and "assert False" not in tests.splitlines()[0])


def test_the_wheel_has_every_page_that_a_lesson_links_to() -> None:
    links = re.compile(r"\]\(\.\./(docs/[\w/]+\.md)")
    linked = {name for path in (ROOT / "notebooks").glob("*.ipynb") for name in links.findall(path.read_text("utf-8"))}
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert linked - set(wheel["wheel"]["force-include"]) == set()
