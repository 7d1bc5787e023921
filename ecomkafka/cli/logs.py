"""The command `logs`: the log of the services and of the broker, in readable lines."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from ecomkafka.cli.output import Namespace, UsageError, console

PANEL = "System"
KAFKA = "kafka"
POLL_SECONDS = 0.25
TAIL_BYTES = 262_144
"""What is looked at of an old log: its end."""


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(logs)


def logs(
    name: Annotated[
        str | None,
        typer.Argument(help="order, inventory, notification, analytics, read-model or kafka; none: all services."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written, until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option(min=0, help="How many of the last lines.")] = 50,
    namespace: Namespace = None,
) -> None:
    """Show the logs."""
    from ecomkafka.settings import Settings

    files = _files(name, Settings.read(namespace).namespace)
    tails = [Tail(file) for file in files]
    found = merged(tails)
    if not found and not follow:
        raise LookupError("nothing has been logged yet: 'ecomkafka up' starts what logs")
    _show(found[max(0, len(found) - lines) :])
    try:
        while follow:
            time.sleep(POLL_SECONDS)
            _show(merged(tails))
    except KeyboardInterrupt:
        return


class Line(NamedTuple):
    time: str
    """ISO; a line without one (a traceback's) has that of the line before."""
    text: str


class Tail:
    """Reads on in a file where it stopped the last time; a file that is not there yet has no lines yet."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position: int | None = None
        self._time = ""

    def new(self) -> Iterator[Line]:
        """The whole lines that were added."""
        from ecomkafka.logs import readable

        for text in self._read().decode("utf-8", "replace").splitlines():
            when, what = readable(text)
            self._time = when or self._time
            yield Line(self._time, what)

    def _read(self) -> bytes:
        try:
            size = self._file.stat().st_size
            if self._position is None or self._position > size:  # the first time, or it was emptied
                self._position = max(0, size - TAIL_BYTES)
            with self._file.open("rb") as file:
                file.seek(self._position)
                added = file.read()
        except FileNotFoundError:
            return b""
        whole = added[: added.rfind(b"\n") + 1]
        self._position += len(whole)
        return whole


def merged(tails: Sequence[Tail]) -> list[Line]:
    return sorted((line for tail in tails for line in tail.new()), key=lambda line: line.time)


def _show(lines: Sequence[Line]) -> None:
    out = console()
    for line in lines:
        out.print(line.text, soft_wrap=True)


def _files(name: str | None, namespace: str) -> list[Path]:
    from ecomkafka.machine.home import data_dir
    from ecomkafka.operations.processes import log_file
    from ecomkafka.operations.system import INSTANCE, SERVICES

    if name == KAFKA:
        return sorted(data_dir().glob("*/node-*/kafka.log"), key=lambda file: file.stat().st_mtime)
    if name not in (None, *SERVICES):
        raise UsageError(f"log {name!r:.80}: {', '.join(SERVICES)} and {KAFKA} are allowed")
    return [log_file(service, INSTANCE, namespace) for service in ([name] if name else SERVICES)]
