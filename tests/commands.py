"""The command `ecomkafka`: as a user runs it, a process of its own, or in this one where only the answer matters."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from ecomkafka.cli import main
from tests.waiting import PATIENCE

KEPT = ("ECOMKAFKA_JAVA", "ECOMKAFKA_CACHE")
"""What a machine may need; all else is the tests' own."""


OF_ITS_OWN = ("up", "down", "clean", "serve")
"""Commands that start processes, end them or handle signals."""


class Commands:
    """Runs commands with a home of their own; `settings` are further variables, named without ECOMKAFKA_."""

    def __init__(self, home: Path, **settings: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name in KEPT or not name.startswith("ECOMKAFKA_")}
        chosen = {f"ECOMKAFKA_{name}": value for name, value in settings.items()}
        self.home = home
        self.environment = kept | chosen | {"ECOMKAFKA_HOME": str(home)}

    @contextmanager
    def start(self, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
        """It ends with the block, whatever becomes of that."""
        command = [sys.executable, "-m", "ecomkafka", *arguments]
        pipe = subprocess.PIPE
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # of tests in the background; children inherit it
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with subprocess.Popen(
            command, env=self.environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *arguments: str, timeout: float = PATIENCE) -> "subprocess.CompletedProcess[str]":
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def ok(self, *arguments: str) -> str:
        """What a command says that has to work."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments: str) -> dict[str, Any]:
        """What a command says that has to print one JSON object, whatever its exit code."""
        done = self.run(*arguments, "--json")
        assert done.stderr == ""
        return msgspec.json.decode(done.stdout, type=dict[str, Any])

    def processes(self) -> list[psutil.Process]:
        """Every process that was started with this home."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return (
                process.environ().get("ECOMKAFKA_HOME") == str(self.home) and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.Error:
            return False


class Here(Commands):
    """The same answers without the start of a Python for each; what starts and ends processes is one all the same."""

    def run(self, *arguments: str, timeout: float = PATIENCE) -> "subprocess.CompletedProcess[str]":
        if arguments[0] in OF_ITS_OWN:
            return super().run(*arguments, timeout=timeout)
        out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name in os.environ.keys() - self.environment.keys():
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["ecomkafka", *arguments])
            code = _exit_code()
        said, complained = (_text(stream) for stream in (out, err))
        return subprocess.CompletedProcess(arguments, code, said, complained)


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _text(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
