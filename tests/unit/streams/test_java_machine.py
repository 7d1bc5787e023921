"""The Java machine in a process: once, and what is said where it can't be."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.owner import sweep_folders
from ecomkafka.streams import start_java

SECONDS = 120

AGAIN = """
import jpype
from ecomkafka.streams import start_java

start_java()
start_java()
jpype.shutdownJVM()
try:
    start_java()
except RuntimeError as error:
    print(error)
"""


LEAVES = """
import os
import signal
import sys
from ecomkafka.streams import driver, start_java
start_java()
from java.lang import System
from org.apache.kafka.streams import StreamsBuilder
from org.xerial.snappy import Snappy

Snappy.maxCompressedLength(1)  # it unpacks a native library
builder = StreamsBuilder()
builder.table("prices")
with driver(builder.build()):
    print(System.getProperty("java.io.tmpdir"), os.getpid(), flush=True)
    if sys.argv[1:]:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's temporary folder, in this process and in those that it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _run(*arguments):
    command = [sys.executable, "-c", LEAVES, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=not arguments)


def test_a_process_with_a_java_machine_leaves_nothing_in_the_temporary_folders(temporary):
    folder, pid = _run().stdout.split()
    assert Path(folder).parent == temporary.resolve()
    assert list(temporary.iterdir()) == []
    assert not Path(f"/tmp/.java_pid{pid}").exists()  # wherever TMPDIR is, that is where Java puts its socket


def test_what_a_killed_process_has_left_of_its_java_machine_is_swept(temporary):
    folder, pid = _run("killed").stdout.split()
    assert any("snappy" in path.name for path in Path(folder).iterdir())
    assert not Path(f"/tmp/.java_pid{pid}").exists()
    sweep_folders()
    assert list(temporary.iterdir()) == []


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jpype", None)
    with pytest.raises(BrokerError, match=r"^JPype is missing: pip install 'ecomkafka\[streams\]'$"):
        start_java()


def test_a_machine_that_was_shut_down_can_not_be_started_again_and_it_is_said_what_to_do():
    done = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert done.stdout.startswith("Java does not start in this process")
    assert done.stdout.rstrip().endswith("start a new one, or restart the kernel")
    assert not done.stderr
