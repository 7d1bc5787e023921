"""The output of every command: coloured tables for people, one JSON object for programs, one sentence for an error."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 200
"""Columns for a reader that is a program: what it reads line by line must not be folded."""


def console(stderr: bool = False) -> Console:
    """Colours where a person looks, none in a pipe or with NO_COLOR. Text is shown as it is, brackets and all."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=None if stream.isatty() else WIDE)


def echo(*parts: str | Text) -> None:
    """One line, folded nowhere."""
    console().print(Text.assemble(*parts), soft_wrap=True)


def echo_json(what: dict[str, Any]) -> None:
    """One JSON object: money as decimal strings, times in ISO 8601."""
    sys.stdout.buffer.write(msgspec.json.encode(what, enc_hook=str) + b"\n")


def echo_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else _text(cell) for cell in row))
    console().print(table)


def _text(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, datetime):
        return f"{cell:%H:%M:%S}"
    return str(cell)


def mark(good: bool) -> Text:
    return Text("✔", "green") if good else Text("✘", "red")


def complain(error: BaseException | str) -> None:
    """One sentence on stderr, whatever the error's text looks like."""
    if isinstance(error, OSError) and error.filename:
        error = f"{error.filename}: {error.strerror}"
    sentence = " ".join(str(error).split()) or type(error).__name__
    console(stderr=True).print(Text.assemble(("error:", "red"), " ", sentence), soft_wrap=True)


class UsageError(ValueError):
    """The command was not written as it should be: exit code 2."""


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Namespace = Annotated[
    str | None,
    typer.Option(help="Prefix of topics and groups (ECOMKAFKA_NAMESPACE).", show_default=False),
]
