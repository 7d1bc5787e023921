"""How the tests are run, by the project's own settings."""

import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
FAILING = """
import logging

def test_fails():
    logging.getLogger("kafka.client").warning("a line of %s", "a client")
    assert 1 + 1 == 3
"""


def failing(folder: Path, *arguments: str) -> str:
    """What is said about a test that fails beside a client's log."""
    (folder / "test_failing.py").write_text(FAILING, encoding="utf-8")
    options = ("-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}", "-p", "no:cacheprovider", *arguments)
    command = [sys.executable, "-m", "pytest", *options, str(folder / "test_failing.py")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=PATIENCE, check=False)
    assert "assert (1 + 1) == 3" in done.stdout, done.stdout + done.stderr
    return done.stdout


def test_what_clients_log_is_shown_on_request_only(tmp_path: Path) -> None:
    assert "a line of a client" not in failing(tmp_path)
    assert "a line of a client" in failing(tmp_path, "--show-capture=all")
