"""JupyterLab in Chromium, on the tests' own broker. Without a Chromium these tests are left out, and that is said."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ecomkafka.broker import Broker
from tests.browser import chromium
from tests.browser.lab_page import SEEN_SECONDS, LabPage
from tests.browser.lab_server import LabServer, serving

PICTURES = "ECOMKAFKA_PICTURES"
"""Environment variable: the folder for the pictures; without it they go to pytest's temporary one."""

_HERE = Path(__file__).parent
_left_out = pytest.StashKey[list[str]]()
_numbers = itertools.count(1)

Picture = Callable[[str], None]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and not skip: a skipped test counts as a failure."""
    ours = [item for item in items if _HERE in item.path.parents]
    if not ours or chromium.program():
        return
    config.stash[_left_out] = [item.nodeid for item in ours]
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """To leave out all that there was is no failure; in CI `tests/strict.py` makes it one afterwards."""
    if _left_out in session.config.stash and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if names := config.stash.get(_left_out, []):
        terminalreporter.section("left out: no Chromium on this machine")
        terminalreporter.write_line(f"{len(names)} tests were left out. To run them, {chromium.HOW_TO_GET}.")
        for name in names:
            terminalreporter.write_line(f"  {name}")


@pytest.fixture(scope="session")
def base_url() -> None:
    """Instead of pytest-base-url's, whose way to make a fixture pytest 9 warns of."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """No sandbox: CI runs as root, and the pages are our own."""
    return {**browser_type_launch_args, "executable_path": chromium.program(), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1280, "height": 1400}}


@pytest.fixture(scope="session")
def lab_server(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """One for all tests: each opens a notebook of its own there."""
    with serving(tmp_path_factory.mktemp("lab"), {"ECOMKAFKA_BOOTSTRAP": broker.bootstrap}) as server:
        yield server


@pytest.fixture
def lab(page: Page, lab_server: LabServer) -> Iterator[LabPage]:
    """A notebook of its own, whose name in the list of files is like no control's; its kernel ends with the test."""
    expect.set_options(timeout=SEEN_SECONDS * 1000)
    page.set_default_timeout(SEEN_SECONDS * 1000)
    lab = LabPage(page, lab_server, f"{next(_numbers)}.ipynb")
    yield lab
    lab.shut_down()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ[PICTURES]) if PICTURES in os.environ else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def picture(page: Page, pictures: Path) -> Picture:
    """`picture("desk")` keeps what the page shows now."""

    def take(name: str) -> None:
        page.screenshot(path=pictures / f"{name}.png")

    return take
