"""Where ecomkafka keeps its files: data that matters in `home()`, what can be fetched again in `cache()`."""

import os
from pathlib import Path

import platformdirs

from ecomkafka.runtime.errors import BrokerError

_APP = "ecomkafka"


def home() -> Path:
    """The folder of broker data, logs and pid files: ECOMKAFKA_HOME, else the user's data folder."""
    return _folder(os.environ.get("ECOMKAFKA_HOME"), platformdirs.user_data_path(_APP, appauthor=False))


def cache() -> Path:
    """The folder of Kafka's jars, which all homes share: ECOMKAFKA_CACHE, else the user's cache folder."""
    return _folder(os.environ.get("ECOMKAFKA_CACHE"), platformdirs.user_cache_path(_APP, appauthor=False))


def data_dir() -> Path:
    """The shared brokers' data, one folder a cluster size."""
    return _folder(None, home() / "data")


def run_dir() -> Path:
    """Locks and the state of what runs."""
    return _folder(None, home() / "run")


def logs_dir() -> Path:
    """The log files of the services; a broker's log lies with its data."""
    return _folder(None, home() / "logs")


def _folder(setting: str | None, default: Path) -> Path:
    path = Path(setting).expanduser().resolve() if setting else default
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{path} can't be made a folder ({error.strerror})"
        raise BrokerError(
            f"{reason}: point ECOMKAFKA_HOME and ECOMKAFKA_CACHE at folders that you may write"
        ) from error
    return path
