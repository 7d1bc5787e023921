"""Any file as tables of text: CSV of any encoding and separator, Excel, plain or compressed."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, cast

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

SEPARATORS = ",;\t|"
ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")
"""Tried in turn: UTF-8, then what Windows and older programs write. A file in UTF-16 begins with a mark."""

EXCEL = (".xlsx", ".xlsm")
_PACKED: dict[str, Callable[..., IO[bytes]]] = {
    ".gz": cast("Callable[..., IO[bytes]]", gzip.open),
    ".xz": cast("Callable[..., IO[bytes]]", lzma.open),
    ".bz2": cast("Callable[..., IO[bytes]]", bz2.open),
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class WrongEncodingError(ValueError):
    """The file is a text in another encoding: read it once more in the next one."""


@dataclass
class Table:
    """One sheet, or a whole CSV file. `rows` can be gone through once."""

    where: str
    """The file, and the sheet or the packed member if there are several."""
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    """The number of the row's last line, from 1, and its fields as text."""
    separator: str = ","


@contextmanager
def tables(path: Path, encoding: str) -> Iterator[Iterator[Table]]:
    """The tables of a file, one after the other; `encoding` is one of ENCODINGS.

    Raises WrongEncodingError if the text is none in that encoding, ValueError that names what is wrong, OSError.
    """
    with ExitStack() as opened, _readable(path):
        name, stream = _unpacked(path, opened)
        where = str(path) if name == path.name else f"{path}: {name}"
        if Path(name).suffix.lower() in EXCEL:
            yield _sheets(where, stream, opened)
        else:
            yield iter([_csv(where, stream, encoding, opened)])


def _unpacked(path: Path, opened: ExitStack) -> tuple[str, IO[bytes]]:
    """The name that says what is inside, and the bytes."""
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _member(path, opened)
    if suffix in _PACKED:
        return path.stem, opened.enter_context(_PACKED[suffix](path, "rb"))
    return path.name, opened.enter_context(path.open("rb"))


def _member(path: Path, opened: ExitStack) -> tuple[str, IO[bytes]]:
    packed = opened.enter_context(zipfile.ZipFile(path))
    members = [m for m in packed.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5]) or "nothing"
        raise ValueError(f"{path} has {len(members)} members ({names}): unpack it, and name one of them")
    if members[0].flag_bits & 1:
        raise ValueError(f"{path}: {members[0].filename} is encrypted: unpack it with its password first")
    return Path(members[0].filename).name, opened.enter_context(packed.open(members[0]))


def _csv(where: str, stream: IO[bytes], encoding: str, opened: ExitStack) -> Table:
    buffered = io.BufferedReader(cast("io.RawIOBase", stream))
    if buffered.peek(2)[:2] in _UTF16:
        encoding = "utf-16"
    text = opened.enter_context(io.TextIOWrapper(buffered, encoding, newline=""))
    first = text.readline()
    separator = max(SEPARATORS, key=first.count)
    lines = csv.reader(_chained(first, text), delimiter=separator, strict=True)
    return Table(where, [name.strip() for name in next(lines, [])], _numbered(where, lines), separator)


def _chained(first: str, text: IO[str]) -> Iterator[str]:
    if first:
        yield first
    yield from text


def _numbered(where: str, lines: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for row in lines:
            yield lines.line_num, row
    except csv.Error as error:
        raise ValueError(f"{where}, line {lines.line_num}: not CSV: {error}") from error


def _sheets(where: str, stream: IO[bytes], opened: ExitStack) -> Iterator[Table]:
    """Every sheet that has a row."""
    book = openpyxl.load_workbook(io.BytesIO(stream.read()), read_only=True, data_only=True)
    opened.callback(book.close)
    for sheet in book.worksheets:
        rows = sheet.iter_rows(values_only=True)
        header = [_text(cell).strip() for cell in next(rows, ())]
        if any(header):
            place = where if len(book.worksheets) == 1 else f"{where}, sheet {sheet.title!r}"
            yield Table(place, header, ((number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 2)))


def _text(cell: Any) -> str:
    """A cell as a CSV file would have it. Excel keeps 15 digits of a number, and shows no more."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return f"{cell.isoformat()}T00:00"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return str(cell)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{path} is damaged or not a {path.suffix} file: {error}") from error
    except (InvalidFileException, KeyError) as error:  # openpyxl: a zip file that is no workbook
        raise ValueError(f"{path} is no Excel workbook: {error}") from error
    except UnicodeDecodeError as error:
        raise WrongEncodingError(f"{path} is not a text in {error.encoding}: {error.reason}") from error
    except OSError as error:
        if error.filename is None:  # bz2 says so of what it can't unpack
            raise ValueError(f"{path} is damaged or not a {path.suffix} file: {error}") from error
        raise
