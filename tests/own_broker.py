"""A pytest plugin for the notebooks (`-p tests.own_broker`): a broker of their own, new and empty, gone with its data.

All of them share it, as they do on a student's machine: the first meets a clean broker, the others one that was used.
"""

import os
import shutil
import sys
import tempfile
import uuid
from typing import Any

import nbval.kernel
import pytest
from jupyter_client.manager import KernelManager

_home = pytest.StashKey[str]()


def kernel_manager(**options: Any) -> KernelManager:
    """A kernel's on Unix sockets: workers that look for free TCP ports at the same moment may find the same one."""
    file = os.path.join(os.environ["ECOMKAFKA_HOME"], f"{uuid.uuid4().hex}.json")
    return KernelManager(transport="ipc", connection_file=file, **options)


def pytest_configure(config: pytest.Config) -> None:
    if sys.platform == "linux":  # elsewhere the path of a socket may be too long
        nbval.kernel.KernelManager = kernel_manager
    if hasattr(config, "workerinput"):  # xdist's workers inherit the setting
        return
    from ecomkafka.broker import broker
    from ecomkafka.broker.cached_jars import cached
    from ecomkafka.streams.java_machine import STREAMS

    config.stash[_home] = os.environ["ECOMKAFKA_HOME"] = tempfile.mkdtemp(prefix="ecomkafka-")
    os.environ["ECOMKAFKA_PREDICTIONS"] = "skip"  # nobody sits before these notebooks
    for name in ("BOOTSTRAP", "USER", "PASSWORD"):
        os.environ.pop(f"ECOMKAFKA_{name}", None)
    broker.up(1)
    cached(STREAMS)  # or the lesson that needs them first would show how they are fetched


def pytest_unconfigure(config: pytest.Config) -> None:
    if _home in config.stash:
        from ecomkafka.broker import broker

        broker.down()
        shutil.rmtree(config.stash[_home], ignore_errors=True)
