"""The owner of a file or folder: the process that holds the lock beside it.

A lock ends with its process, however that ends. So nothing is taken for a dead one's because of a clock that was set,
a pid in another container, or a process that is frozen.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

ORDERS = "ecomkafka-orders-"
"""Folders of read models that are kept for as long as their process only."""

_SECONDS = 5.0
"""Who looks for orphans holds a lock for an instant."""


class Ownership:
    """To be acquired before `path` is made, and released when it is gone; by any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(f"{path}.lock", timeout=_SECONDS, thread_local=False)

    def acquire(self) -> None:
        self._lock.acquire()

    def inherit(self) -> bool:
        """Take it over from a dead owner; False if the owner lives, or is another user of this machine."""
        try:
            self._lock.acquire(blocking=False)
        except (Timeout, OSError):
            return False
        return True

    def release(self) -> None:
        """What is still there is an orphan from now on; with what is gone the lock's file goes as well."""
        self._lock.release(force=True)  # several threads may have acquired it
        if not self._path.exists():
            with suppress(PermissionError):  # on Windows, while somebody looks whether it is an orphan
                Path(self._lock.lock_file).unlink(missing_ok=True)


@contextmanager
def orphans(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """Those whose owner has died: meanwhile they are the caller's, and nobody else's who looks for orphans."""
    with ExitStack() as held:
        found = []
        for path in paths:
            ownership = Ownership(path)
            if ownership.inherit():
                held.callback(ownership.release)
                found.append(path)
        yield found


def sweep_folders(prefix: str = ORDERS) -> None:
    """Delete the temporary folders of that name whose owner has died; one without a lock has never said who owns it."""
    folders = Path(tempfile.gettempdir()).glob(f"{prefix}*")
    with orphans(folder for folder in folders if Path(f"{folder}.lock").exists()) as found:
        for folder in found:
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays
