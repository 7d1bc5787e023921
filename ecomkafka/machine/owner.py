"""The owner of a file or folder: the process that holds the lock beside it.

A lock ends with its process, however that ends. So nothing is taken for a dead one's because of a clock that was set,
a pid in another container, or a process that is frozen.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

ORDERS = "ecomkafka-orders-"
"""The name of the folders of temporary read models, which end with their process."""

JAVA = "ecomkafka-java-"
"""The name of the folders of the Java machines inside of a process."""

_SECONDS = 5.0
"""A search for orphans holds a lock for an instant."""


class Ownership:
    """The ownership of `path`: acquired before it is made, released after it was deleted. Thread-safe.

    A forked child has a copy of it, and owns nothing by it: what is its parent's stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(f"{path}.lock", timeout=_SECONDS, thread_local=False)
        self._owner: int | None = None

    @property
    def is_mine(self) -> bool:
        """Whether this process has acquired it, and not one of which this is a fork."""
        return self._owner == os.getpid()

    def acquire(self) -> None:
        self._lock.acquire()
        self._owner = os.getpid()

    def inherit(self) -> bool:
        """Take the ownership over from a dead owner; False if the owner lives, or is another user of this machine."""
        try:
            self._lock.acquire(blocking=False)
        except (Timeout, OSError):
            return False
        self._owner = os.getpid()
        return True

    def release(self) -> None:
        """Release the lock: an existing path is an orphan from now on; without it the lock file is deleted too."""
        if not self.is_mine:
            return
        self._lock.release(force=True)  # several threads may have acquired it
        if not self._path.exists():
            with suppress(PermissionError):  # on Windows, while somebody looks whether it is an orphan
                Path(self._lock.lock_file).unlink(missing_ok=True)


@contextmanager
def orphans(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """The paths whose owner has died. During the block they belong to the caller, and to no other search."""
    with ExitStack() as held:
        found = []
        for path in paths:
            ownership = Ownership(path)
            if ownership.inherit():
                held.callback(ownership.release)
                found.append(path)
        yield found


def sweep_folders() -> None:
    """Delete the temporary folders whose owner has died. A folder without a lock file stays."""
    temporary = Path(tempfile.gettempdir())
    folders = (*temporary.glob(f"{ORDERS}*"), *temporary.glob(f"{JAVA}*"))
    with orphans(folder for folder in folders if Path(f"{folder}.lock").exists()) as found:
        for folder in found:
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays
