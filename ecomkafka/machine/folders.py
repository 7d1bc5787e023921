"""The checks of a broker's folder: what it must be like, and the sentence for one that is not."""

import os
import shutil
import tempfile
from pathlib import Path

from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.limits import check_limits

MIN_FREE_MB = 500
"""With less free disk a node would start, and end in the middle of a lesson."""

MIN_FREE_FILES = 1_000
"""A node that has just started has four hundred."""

_KAFKA_PATH = 320
"""Bytes of a path below a cluster's folder: the longest name of a topic with its number, and that of a segment."""

_CACHE_PATH = 1_000
"""A command line has the paths of a hundred jars, and systems limit its length."""

_OTHER_PLACE = "point ECOMKAFKA_HOME (or TMPDIR, for a private broker) at another one"


def check_data(folder: Path, brokers: int) -> None:
    """Check that `brokers` nodes can store their data in `folder`, which exists, under this process's limits. Raises
    BrokerError with the reason.
    """
    check_limits()
    if (longest := _longest_path(folder)) and len(os.fsencode(folder)) + _KAFKA_PATH > longest:
        raise BrokerError(f"{folder} is too long a path for the files of a broker: {_OTHER_PLACE}")
    if not runs_programs(folder):
        wrong = f"{folder} is on a disk that runs no programs (noexec), and a broker unpacks some"
        raise BrokerError(f"{wrong}: {_OTHER_PLACE}")
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        wrong = f"{folder} can't be written ({error.strerror})"
        raise BrokerError(f"{wrong}: change its rights, or {_OTHER_PLACE}") from error
    check_space(folder, brokers)


def check_space(folder: Path, brokers: int) -> None:
    """Check that the disk of `folder` has room for `brokers` nodes. Raises BrokerError with the reason."""
    room = [(shutil.disk_usage(folder).free // 2**20, MIN_FREE_MB, "MB"), (free_files(folder), MIN_FREE_FILES, "files")]
    for free, needed, unit in room:
        if free is not None and free < needed * brokers:
            raise BrokerError(
                f"the disk of {folder} has {free} {unit} left, and {brokers} broker(s) need {needed * brokers} {unit}: "
                "free some, or point ECOMKAFKA_HOME at another disk"
            )


def free_files(folder: Path) -> int | None:
    """How many more files its disk takes (inodes); None where there is no limit, or systems don't tell."""
    if not hasattr(os, "statvfs"):
        return None
    disk = os.statvfs(folder)
    return disk.f_favail if disk.f_files else None


def check_cache(folder: Path) -> None:
    """Check that a JVM can find jars in `folder`. Raises BrokerError with the reason."""
    wrong = None
    if os.pathsep in str(folder):
        wrong = f"has {os.pathsep!r} in it, at which Java splits a list of jars"
    elif any(part.endswith("!") for part in folder.parts):
        wrong = "has a name that ends with '!', which for Java is the end of a jar's name"
    elif len(os.fsencode(folder)) > _CACHE_PATH:
        wrong = f"is longer than {_CACHE_PATH} bytes, too long for a list of jars"
    if wrong:
        raise BrokerError(f"the cache {folder} {wrong}: point ECOMKAFKA_CACHE at another folder")


def temporary_folder(prefix: str, inside: Path | None = None) -> Path:
    """A new temporary folder, `inside` another one or the system's. Raises BrokerError where none can be made."""
    try:
        return Path(tempfile.mkdtemp(prefix=prefix, dir=inside)).resolve()
    except OSError as error:
        wrong = f"no temporary folder ({error.strerror})"
        raise BrokerError(f"{wrong}: point TMPDIR at a folder that you may write") from error


def runs_programs(folder: Path) -> bool:
    """Whether programs and native libraries can be loaded from the folder; True where the system doesn't say."""
    return not (hasattr(os, "statvfs") and os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0))


def _longest_path(folder: Path) -> int | None:
    """None where systems don't tell."""
    return os.pathconf(folder, "PC_PATH_MAX") if hasattr(os, "pathconf") else None
