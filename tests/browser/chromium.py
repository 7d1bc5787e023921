"""Chromium on this machine: the system's, or the one that playwright has downloaded."""

import shutil
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

HOW_TO_GET = "install Chromium (Debian: apt-get install chromium; elsewhere: playwright install chromium)"

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@cache
def program() -> str | None:
    """Its path; None where there is none."""
    if found := next(filter(None, map(shutil.which, _NAMES)), None):
        return found
    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    return downloaded if Path(downloaded).exists() else None
