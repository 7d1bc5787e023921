"""The output of every command: coloured tables for people, one JSON object for programs, one sentence for an error."""

import re
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


_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it: control characters but tab and newline, and what turns the reading
direction of all that follows."""


def shown(text: str) -> str:
    """Foreign text as a terminal may get it: what it would obey is written as Python writes it, "\\x1b"."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _shown(part: Any) -> Any:
    """A Text of ours has one style."""
    if isinstance(part, Text):
        return Text(shown(part.plain), part.style)
    return shown(part) if isinstance(part, str) else part


class _Console(Console):
    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(shown(one) if isinstance(one, str) else one for one in objects), **options)


def console(stderr: bool = False) -> Console:
    """Colours where a person looks, none in a pipe or with NO_COLOR. Text is shown as it is, brackets and all."""
    stream = sys.stderr if stderr else sys.stdout
    return _Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=None if stream.isatty() else WIDE)


def echo(*parts: str | Text) -> None:
    """One line, folded nowhere."""
    console().print(Text.assemble(*map(_shown, parts)), soft_wrap=True)


def echo_json(what: dict[str, Any]) -> None:
    """One JSON object: money as decimal strings, times in ISO 8601."""
    sys.stdout.buffer.write(msgspec.json.encode(what, enc_hook=str) + b"\n")


def echo_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(shown(column), overflow="fold")
    for row in rows:
        table.add_row(*(_shown(cell if isinstance(cell, Text) else _text(cell)) for cell in row))
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
    console(stderr=True).print(Text.assemble(("error:", "red"), " ", shown(sentence)), soft_wrap=True)


class UsageError(ValueError):
    """The command was not written as it should be: exit code 2."""


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Namespace = Annotated[
    str | None,
    typer.Option(help="Prefix of topics and groups (ECOMKAFKA_NAMESPACE).", show_default=False),
]
