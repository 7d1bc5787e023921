"""A pytest plugin for the notebooks (`-p tests.own_broker`): a broker of their own, new and empty, gone with its data.

All of them share it, as they do on a student's machine: the first meets a clean broker, the others one that was used.
"""

import os
import shutil
import tempfile

import pytest

_home = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):  # xdist's workers inherit the setting
        return
    from ecomkafka.broker import broker

    config.stash[_home] = os.environ["ECOMKAFKA_HOME"] = tempfile.mkdtemp(prefix="ecomkafka-")
    os.environ["ECOMKAFKA_PREDICTIONS"] = "skip"  # nobody sits before these notebooks
    for name in ("BOOTSTRAP", "USER", "PASSWORD"):
        os.environ.pop(f"ECOMKAFKA_{name}", None)
    broker.up(1)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _home in config.stash:
        from ecomkafka.broker import broker

        broker.down()
        shutil.rmtree(config.stash[_home], ignore_errors=True)
