"""The Java machine in a process of ours: signals stay Python's, folders and languages are the user's."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecomkafka.broker.cached_jars import cached
from ecomkafka.streams.java_machine import STREAMS
from tests.other_cache import ANY_NAME, fill
from tests.rights import bound_by_rights, read_only, writable
from tests.waiting import PATIENCE

SECONDS = 240

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


USED = """
import locale, os
from ecomkafka.streams import driver, start_java
before = dict(os.environ), locale.getlocale(locale.LC_CTYPE), locale.getlocale(locale.LC_NUMERIC)
start_java()
assert before == (dict(os.environ), locale.getlocale(locale.LC_CTYPE), locale.getlocale(locale.LC_NUMERIC))
from java.lang import System
from java.util import Locale
from org.apache.kafka.streams import StreamsBuilder
from org.xerial.snappy import Snappy
Snappy.maxCompressedLength(1)  # it unpacks a native library
builder = StreamsBuilder()
builder.table("prices")
with driver(builder.build()):
    print(ascii((str(System.getProperty("java.io.tmpdir")), str(Locale.getDefault()))))
"""


def used(**settings: str) -> "subprocess.CompletedProcess[str]":
    """A process in which Java is used, with these variables."""
    return subprocess.run(
        [sys.executable, "-c", USED],
        env=os.environ | settings,
        preexec_fn=bound_by_rights(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Path]:
    """A cache that has all jars, in a folder of any name that Java can take."""
    cached(STREAMS), cached()
    folder = tmp_path / ANY_NAME.replace(os.pathsep, "").replace("%", "")
    fill(folder)
    yield folder
    writable(folder)


def test_java_runs_with_folders_of_any_name_an_ascii_locale_and_options_for_other_programs(
    filled: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary" / ANY_NAME
    temporary.mkdir(parents=True)
    turkish = "-Duser.language=tr -Duser.country=TR"
    options = {name: turkish for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")}
    folders = {"ECOMKAFKA_CACHE": str(filled), "TMPDIR": str(temporary)}
    done = used(LC_ALL="C", LANG="tr_TR.UTF-8", **folders, **options)
    assert (done.returncode, done.stderr) == (0, "")
    assert ascii(str(temporary.resolve() / "ecomkafka-java-"))[1:-1] in done.stdout
    assert "'en_US'" in done.stdout
    assert list(temporary.iterdir()) == []


def test_a_cache_that_only_its_owner_may_write_is_enough_and_stays_as_it_is(filled: Path, tmp_path: Path) -> None:
    before = sorted(filled.rglob("*"))
    read_only(filled)
    done = used(ECOMKAFKA_CACHE=str(filled))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(filled.rglob("*")) == before


@pytest.mark.parametrize("name", [f"a{os.pathsep}b", "a!", "50%i"])
def test_a_cache_that_java_cannot_read_is_named_before_java_starts(tmp_path: Path, name: str) -> None:
    done = used(ECOMKAFKA_CACHE=str(tmp_path / name))
    assert f"BrokerError: the cache {tmp_path / name}" in done.stderr.splitlines()[-1]
    assert done.stderr.endswith(": point ECOMKAFKA_CACHE at another folder\n")
