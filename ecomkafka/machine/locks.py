"""A lock between processes: with a time limit, and a message that says who holds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ecomkafka.machine.errors import BrokerError


@contextmanager
def locked(file: Path, seconds: float, who: str) -> Iterator[None]:
    """Hold the lock `file` during the block. Raises BrokerError, with `who` in it, after `seconds`, or if it can't be
    made.
    """
    lock = FileLock(file, timeout=seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise BrokerError(f"{who} for {seconds:.0f} s: end it and try again") from error
    except OSError as error:
        raise BrokerError(
            f"{file} can't be locked ({error.strerror}): point ECOMKAFKA_HOME and ECOMKAFKA_CACHE at folders that you "
            "may write, on a disk that has locks (some network disks have none)"
        ) from error
    try:
        yield
    finally:
        lock.release()
