"""The Java machine in a process: once, and what is said where it can't be."""

import subprocess
import sys

import pytest

from ecomkafka.machine.errors import BrokerError
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


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jpype", None)
    with pytest.raises(BrokerError, match=r"^JPype is missing: pip install 'ecomkafka\[streams\]'$"):
        start_java()


def test_a_machine_that_was_shut_down_can_not_be_started_again_and_it_is_said_what_to_do():
    done = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert done.stdout.startswith("Java does not start in this process")
    assert done.stdout.rstrip().endswith("start a new one, or restart the kernel")
    assert not done.stderr
