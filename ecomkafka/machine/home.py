"""The project's folders: `home()` for data that matters, `cache()` for what can be fetched again."""

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

from ecomkafka.machine.errors import BrokerError

_APP = "ecomkafka"
_LONGEST = 420
"""Bytes: SQLite opens no file whose path has more than 512."""

_TO_DO = "point ECOMKAFKA_HOME and ECOMKAFKA_CACHE at folders that you may write"


def home() -> Path:
    """The folder of broker data, logs and pid files: ECOMKAFKA_HOME, else the user's data folder."""
    folder = _folder(os.environ.get("ECOMKAFKA_HOME"), platformdirs.user_data_path)
    if len(os.fsencode(folder)) > _LONGEST:
        raise BrokerError(f"{folder} is too long a path for the files of a broker and of SQLite: {_TO_DO}")
    return folder


def cache() -> Path:
    """The folder of Kafka's jars, which all homes share: ECOMKAFKA_CACHE, else the user's cache folder.

    It may be filled by another user and be read-only for this one.
    """
    return _folder(os.environ.get("ECOMKAFKA_CACHE"), platformdirs.user_cache_path)


def data_dir() -> Path:
    """The shared brokers' data, one folder per cluster size."""
    return _made(home() / "data")


def run_dir() -> Path:
    """Locks and the state of what runs."""
    return _made(home() / "run")


def logs_dir() -> Path:
    """The log files of the services; a broker's log lies with its data."""
    return _made(home() / "logs")


def may_write(path: Path) -> bool:
    """Whether this user may create or change `path`, by the rights of what exists of it."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(path, os.W_OK)


def _folder(setting: str | None, default: Callable[..., Path]) -> Path:
    """An empty setting counts as not set, because compose files can't unset one."""
    return _made(_chosen(setting) if setting and setting.strip() else _usual(default))


def _chosen(setting: str) -> Path:
    try:
        return Path(setting).expanduser().resolve()
    except (OSError, RuntimeError) as error:  # a link to itself, a "~name" that is nobody's
        raise BrokerError(f"{setting!r} names no folder ({error}): {_TO_DO}") from error


def _usual(default: Callable[..., Path]) -> Path:
    try:
        return default(_APP, appauthor=False)
    except RuntimeError as error:  # no HOME, and the user stands in no list of users
        raise BrokerError(f"this user has no home folder: set HOME, or {_TO_DO}") from error


def _made(path: Path) -> Path:
    try:
        str(path).encode()
        path.mkdir(parents=True, exist_ok=True)
    except UnicodeEncodeError as error:
        raise BrokerError(f"{os.fsencode(path)!r} is a folder whose name is not UTF-8: {_TO_DO}") from error
    except OSError as error:
        raise BrokerError(f"{path} can't be made a folder ({error.strerror}): {_TO_DO}") from error
    return path
