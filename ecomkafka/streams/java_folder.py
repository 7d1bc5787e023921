"""The folder of this process's Java machine: the native libraries that it unpacks, and the state of the engines.

The folder is deleted when the process ends. If the process is killed, the next start of the shared broker deletes it.
"""

import atexit
import shutil
from functools import cache
from pathlib import Path

from ecomkafka.machine import owner
from ecomkafka.machine.folders import temporary_folder


@cache
def java_folder() -> Path:
    """The folder, made at the first call. Raises BrokerError where none can be made."""
    folder = temporary_folder(owner.JAVA)
    ownership = owner.Ownership(folder)
    ownership.acquire()
    atexit.register(_delete, folder, ownership)
    return folder


def _delete(folder: Path, ownership: owner.Ownership) -> None:
    if ownership.is_mine:
        shutil.rmtree(folder, ignore_errors=True)  # Windows keeps a library that is loaded: the next start deletes it
        ownership.release()
