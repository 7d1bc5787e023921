"""The files of the embedded system, one by one: what else lies in their folders is somebody else's and stays."""

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ecomkafka.machine.home import logs_dir
from ecomkafka.settings import Settings

_JOURNALS = ("", "-wal", "-shm", "-journal")
"""What SQLite keeps beside a database."""

_MAILDIR = ("new", "cur", "tmp")


def delete_own_files(settings: Settings, services: Iterable[str]) -> None:
    """Delete the logs of `services`, mail, payments and orders."""
    log = re.compile(rf"([^~]+~)?({'|'.join(services)})-[A-Za-z0-9_-]+\.log")  # as `processes.label` names them
    for file in logs_dir().iterdir():
        if log.fullmatch(file.name):
            file.unlink()
    for name in _MAILDIR:
        shutil.rmtree(settings.mailbox / name, ignore_errors=True)
    for database in (settings.home / "orders.sqlite", settings.payments):
        for journal in _JOURNALS:
            database.with_name(f"{database.name}{journal}").unlink(missing_ok=True)
    for folder in (logs_dir(), settings.mailbox):
        _remove_if_empty(folder)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not there, or something of somebody else's is in it
        folder.rmdir()
