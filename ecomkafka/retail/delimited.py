"""A text with separators as a table: CSV of any encoding and separator."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from ecomkafka.retail.table import Rows, Table, header_of

SEPARATORS = ",;\t|"

_WINDOWS = "cp1252"
"""What older programs write; all of Latin-1 that is a letter is in it."""
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SEPARATOR = re.compile(rf"sep=([{SEPARATORS}])\s*", re.IGNORECASE)
"""Excel's own first line, which it does not show."""


def delimited(where: str, content: bytes) -> Table:
    """The table in `content`. Raises ValueError that names what is wrong."""
    lines: Iterator[str] = iter(io.TextIOWrapper(io.BytesIO(content), _encoding(where, content), newline=""))
    begin = _begin(lines)
    if told := _SEPARATOR.fullmatch(begin[-1]):
        blank = ["\n"] * len(begin)  # such a line is no row, but counted
        begin = blank + _begin(lines)
    first = begin[-1]
    if _NO_TEXT.search(first):
        raise _no_text(where, len(begin))
    separator = told[1] if told else max(SEPARATORS, key=first.count)
    rows = _rows(where, chain(begin, lines), separator)
    return Table(where, header_of(rows), rows, separator)


def _begin(lines: Iterable[str]) -> list[str]:
    """Up to the first line that is not blank."""
    begin: list[str] = []
    for line in lines:
        begin.append(line)
        if line.strip():
            break
    return begin or [""]


def _encoding(where: str, content: bytes) -> str:
    """What the first bytes say, else UTF-8 or Windows's. A letter that is wrong in it is named with its line."""
    told = json.detect_encoding(content[:4])  # of JSON or not: UTF-16, UTF-32 and UTF-8's mark
    if (error := _error(content, told)) is None:
        return told
    if told != "utf-8" or _is_mostly_utf_8(content):
        say = "its first bytes" if told != "utf-8" else "its other letters"
        raise ValueError(
            f"{where} is not a text in {error.encoding}, as {say} say: line {_line(error)}: {error.reason}: "
            "mend that line, or save the file in one encoding"
        ) from error
    if error := _error(content, _WINDOWS):
        raise _no_text(where, _line(error)) from error
    return _WINDOWS


def _error(content: bytes, encoding: str) -> UnicodeDecodeError | None:
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return error
    return None


def _line(error: UnicodeDecodeError) -> int:
    return error.object[: error.start].decode(error.encoding, "replace").count("\n") + 1


def _is_mostly_utf_8(content: bytes) -> bool:
    """A few bytes joined to a text in UTF-8: the other way round, hardly a letter would be one in UTF-8."""
    text = content.decode("utf-8", "replace")
    return sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text))) >= text.count("\ufffd")


def _no_text(where: str, line: int) -> ValueError:
    return ValueError(
        f"{where} is no text in UTF-8, UTF-16, UTF-32 or Windows-1252 (line {line}): CSV is read, .xlsx and .xlsm, "
        "each also in .gz, .xz, .bz2 or .zip, if the name ends so; save a text in another encoding as UTF-8"
    )


def _rows(where: str, lines: Iterator[str], separator: str) -> Rows:
    found = csv.reader(lines, delimiter=separator, strict=True)
    try:
        for row in found:
            yield found.line_num, row
    except csv.Error as error:
        raise ValueError(f"{where}, line {found.line_num}: not CSV: {error}") from error
