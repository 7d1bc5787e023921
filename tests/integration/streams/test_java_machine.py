"""The Java machine in a process of ours: signals stay Python's."""

import signal
import subprocess
import sys

import pytest

from tests.waiting import PATIENCE

PROGRAM = """
import signal, sys
from ecomkafka.streams import start_java
{handler}
start_java()
print("up", flush=True)
signal.pause()
"""
OWN = 'signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended as asked"))'


@pytest.mark.parametrize(("handler", "code", "words"), [("", -signal.SIGTERM, ""), (OWN, 1, "ended as asked\n")])
def test_a_process_with_java_in_it_ends_by_sigterm_as_any_other(handler, code, words, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(handler=handler)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout.readline() == "up\n"
            process.terminate()
            out, said = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, out, said[-len(words) :] if words else said) == (code, "", words)
    assert list(tmp_path.iterdir()) == [], "Java has left a report of its crash"
