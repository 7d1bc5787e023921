"""Where there is no Chromium the tests of this folder are left out: that is said, and it fails CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("options", "code"), [((), 0), (("-p", "tests.strict"), 1)])
def test_without_chromium_the_tests_are_named_and_how_to_run_them(
    options: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    environment = {**os.environ, "PATH": "", "HOME": str(tmp_path), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-q", *options, "tests/browser"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout
    assert "left out: no Chromium on this machine" in done.stdout
    assert "apt-get install chromium" in done.stdout
    assert "tests/browser/test_order_desk.py::test_an_order_is_placed_and_seen_confirmed" in done.stdout
