"""A notebook as a person sees it in JupyterLab: open it, run all of it, wait until it is done."""

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.lab_server import LabServer
from tests.waiting import PATIENCE

READY_SECONDS = 300
"""A kernel, the imports and a shop: half a minute on a machine that has other things to do, and more on a slow one."""

SEEN_SECONDS = PATIENCE
"""Until what was clicked is on the screen."""

_NUMBERED = re.compile(r"\[\d+\]:")
_STDERR, _FAILED = "[data-mime-type='application/vnd.jupyter.stderr']", "Traceback (most recent call last)"
_ALL_RAN_OR_ONE_FAILED = f"""() =>
  [...document.querySelectorAll("{_STDERR}")].some(told => told.textContent.includes("{_FAILED}")) ||
  [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")].every(prompt => /[0-9]/.test(prompt.textContent))
"""
_SOME_WAIT = """() =>
  [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")].some(prompt => prompt.textContent.includes("*"))
"""


class LabPage:
    """One notebook on a page. Its panels' controls are found by role and name."""

    def __init__(self, page: Page, server: LabServer, notebook: str) -> None:
        self.page, self._server, self._notebook = page, server, notebook

    def open(self, cells: Sequence[str]) -> None:
        """Write the notebook, open it and wait for its kernel."""
        self._server.write(self._notebook, cells)
        self._open()

    def open_shipped(self, notebook: Path, trusted: bool = False) -> None:
        """Open a copy of one of ours."""
        self._server.copy(notebook, self._notebook)
        if trusted:
            self._server.trust(self._notebook)
        self._open()

    def _open(self) -> None:
        self.page.goto(self._server.address(self._notebook))
        self.wait_idle()

    def run_all(self) -> None:
        """Run every cell and wait for the last one. Raises AssertionError with the trace of one that fails."""
        self._choose("Run", "Run All Cells")
        self._wait_for_all()

    def restart_and_run_all(self) -> None:
        """With a new kernel."""
        self._choose("Kernel", "Restart Kernel and Run All Cells…")
        self.page.wait_for_function(_SOME_WAIT)
        self._wait_for_all()

    def _choose(self, menu: str, item: str) -> None:
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def _wait_for_all(self) -> None:
        self.page.wait_for_function(_ALL_RAN_OR_ONE_FAILED, timeout=READY_SECONDS * 1000)
        assert not (errors := self.page.locator(_STDERR).filter(has_text=_FAILED).all_inner_texts()), errors[0]
        self.wait_idle()

    def run_cell(self, cell: int) -> str:
        """Run one again, counted from 0; returns the text that it shows."""
        prompt = self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-InputArea-prompt")
        before = prompt.inner_text()
        prompt.click()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(_NUMBERED, timeout=READY_SECONDS * 1000)
        return self.output(cell).inner_text()

    def wait_idle(self) -> None:
        """By the button of the kernel: the indicator beside it says so too early."""
        idle = self.page.get_by_role("button", name=re.compile(r"\| Idle$"))
        expect(idle).to_be_visible(timeout=READY_SECONDS * 1000)

    def output(self, cell: int) -> Locator:
        """What the cell, counted from 0, shows."""
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output")

    def shut_down(self) -> None:
        """End the notebook's kernel, and with it the shop."""
        self.page.goto("about:blank")
        headers = {"Authorization": f"token {self._server.token}"}
        sessions = self.page.request.get(f"{self._server.home}/api/sessions", headers=headers).json()
        for session in sessions:
            gone = self.page.request.delete(f"{self._server.home}/api/sessions/{session['id']}", headers=headers)
            assert gone.ok, gone.text()
