"""A program's jars in the cache, which may be shared, or be read-only for this user."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecomkafka.broker.jars import LOCK, Lock, jars, missing_or_corrupt, paths, verified
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import check_cache
from ecomkafka.machine.home import cache, may_write
from ecomkafka.machine.locks import locked
from ecomkafka.machine.progress_bar import Report

ANSWER_SECONDS = 120.0
_LOCK_SECONDS = 600.0
_LOCK_FILE = "cache.lock"


def cached(lock: Lock = LOCK, report: Report | None = None) -> list[Path]:
    """The paths of the program's jars; what is missing is fetched. Raises BrokerError with the cause.

    If nothing is missing, nothing is written and no lock is taken.
    """
    folder = cache() / "jars"
    check_cache(folder)
    with named(folder):
        if verified(folder, lock):
            return paths(folder, lock)
        if can_be_filled():
            with locked_folder(cache(), lock.program):
                return jars(folder, report, lock)
        check_complete(folder, lock)
        return paths(folder, lock)


def check_complete(folder: Path, lock: Lock = LOCK) -> None:
    """Raise BrokerError if jars are missing that this user can't add."""
    if (bad := missing_or_corrupt(folder, lock)) and not can_be_filled():
        command = "ecomkafka build" if lock is LOCK else lock.command
        raise BrokerError(
            f"{len(bad)} of {lock.program}'s jars are not in {folder}, and this user may not write there: let its "
            f"owner run '{command}', or point ECOMKAFKA_CACHE at a folder of your own"
        )


def can_be_filled() -> bool:
    """Whether this user may write to the cache."""
    return all(may_write(cache() / name) for name in ("", "jars", _LOCK_FILE))


@contextmanager
def locked_folder(folder: Path, program: str = LOCK.program) -> Iterator[None]:
    """One process at a time adds to the folder."""
    with locked(folder / _LOCK_FILE, _LOCK_SECONDS, f"another program has been setting up {program} in {folder}"):
        yield


@contextmanager
def named(folder: Path) -> Iterator[None]:
    """Turn an OSError of the block into a BrokerError of one sentence."""
    try:
        yield
    except subprocess.TimeoutExpired as error:
        raise BrokerError(f"Java gave no answer in {ANSWER_SECONDS:.0f} s: end other programs and try again") from error
    except OSError as error:
        raise BrokerError(
            f"{error.filename or folder} can't be used ({error.strerror}): change its rights (chmod -R a+rX, if it is "
            "shared), free some disk, or point ECOMKAFKA_CACHE at a folder of your own"
        ) from error
