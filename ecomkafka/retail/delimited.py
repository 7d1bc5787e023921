"""A text with separators as a table: CSV of any encoding and separator."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import IO, cast

from ecomkafka.retail.table import Rows, Table, header_of

SEPARATORS = ",;\t|"
ENCODINGS = ("utf-8", "cp1252", "latin-1")
"""Tried in turn where the first bytes don't tell: UTF-8, then what Windows and older programs write."""

_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")


class WrongEncodingError(ValueError):
    """The file is a text in another encoding: read it once more in the next one."""


def delimited(where: str, stream: IO[bytes], encoding: str, opened: ExitStack) -> Table:
    """The table in `stream`; `encoding` is one of ENCODINGS, for a text whose first bytes don't tell.

    Raises WrongEncodingError if it is none in that encoding, ValueError that names what is wrong.
    """
    buffered = io.BufferedReader(cast("io.RawIOBase", stream))
    told = json.detect_encoding(buffered.peek(4)[:4])  # of JSON or not: UTF-16, UTF-32 and UTF-8's mark
    is_told = told != "utf-8"
    text = opened.enter_context(io.TextIOWrapper(buffered, told if is_told else encoding, newline=""))
    lines = _decoded(where, text, is_told)
    begin: list[str] = []  # up to the first line that is not blank
    for line in lines:
        begin.append(line)
        if line.strip():
            break
    first = begin[-1] if begin else ""
    if _NO_TEXT.search(first):
        raise ValueError(
            f"{where} is no text in UTF-8, UTF-16, UTF-32, Windows-1252 or Latin-1: CSV is read, .xlsx and .xlsm, "
            "each also in .gz, .xz, .bz2 or .zip, if the name ends so"
        )
    separator = max(SEPARATORS, key=first.count)
    rows = _rows(where, chain(begin, lines), separator)
    return Table(where, header_of(rows), rows, separator)


def _decoded(where: str, text: io.TextIOWrapper, is_told: bool) -> Iterator[str]:
    count = 0
    try:
        for count, line in enumerate(text, 1):  # noqa: B007 - it is needed after the loop
            yield line
    except UnicodeDecodeError as error:
        if not is_told:
            raise WrongEncodingError(f"{where} is not a text in {error.encoding}: {error.reason}") from error
        bad = count + 1 + error.object[: error.start].decode(error.encoding, "replace").count("\n")
        raise ValueError(
            f"{where} is not a text in {error.encoding}, as its first bytes say: line {bad}: {error.reason}: "
            "mend that line, or save the file in one encoding"
        ) from error


def _rows(where: str, lines: Iterator[str], separator: str) -> Rows:
    found = csv.reader(lines, delimiter=separator, strict=True)
    try:
        for row in found:
            yield found.line_num, row
    except csv.Error as error:
        raise ValueError(f"{where}, line {found.line_num}: not CSV: {error}") from error
