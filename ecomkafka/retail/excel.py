"""A workbook's sheets as tables. What openpyxl can't read is named: it raises whatever a damaged part leads it into."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl

from ecomkafka.retail.numbers import NumberCell
from ecomkafka.retail.table import Rows, Table, header_of

SUFFIXES = (".xlsx", ".xlsm")

_OLE = b"\xd0\xcf\x11\xe0"
"""Begins the form of .xls, in which Excel packs a workbook that has a password as well."""

_CELL_WITHOUT_VALUE = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*\br="(\w+)"[^>]*><(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
"""A formula whose value nobody has computed. One whose value is an empty text says so: `t="str"`."""


def is_workbook(content: bytes) -> bool:
    """Whether it is one by what is inside: its name may end otherwise."""
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return "xl/workbook.xml" in parts.namelist()
    except (zipfile.BadZipFile, ValueError):  # ValueError: one that says it began before the file does
        return False


def sheets(where: str, content: bytes, opened: ExitStack) -> Iterator[Table]:
    """Every sheet that has a row and is not hidden: what counts is what people see.

    Raises ValueError that names the file, and the sheet if there are several.
    """
    if content.startswith(_OLE):
        raise ValueError(f"{where} has a password, or is an .xls workbook: save it as .xlsx without a password")
    opened.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", module="openpyxl")  # of lists to choose from, colours and the like
    with _named(where):
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    opened.callback(book.close)
    _check_formulas(where, content)
    empty = True
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in seen:
        place = where if len(seen) == 1 else f"{where}, sheet {sheet.title!r}"
        rows = _rows(place, sheet)
        if header := header_of(rows):
            empty = False
            yield Table(place, header, _as_wide(header, rows))
    if empty:
        raise ValueError(
            f"{where} has no sheet with rows (hidden sheets are left out; in the form 'Strict Open XML' none is seen): "
            "save it as an ordinary .xlsx workbook, or as CSV"
        )


def _check_formulas(where: str, content: bytes) -> None:
    """Raise ValueError for a formula without a value, which would be read as an empty cell."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if "/worksheets/" in name and (found := _CELL_WITHOUT_VALUE.search(parts.read(name))):
                raise ValueError(
                    f"{where}, {name.rpartition('/')[2]}, cell {found[1].decode()}: a formula without a value: "
                    "open it in a spreadsheet program, which computes it, and save it"
                )


def _rows(where: str, sheet: Any) -> Rows:
    sheet.reset_dimensions()  # many programs write a wrong size, and what lies outside would be lost
    with _named(where):
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_text(cell) for cell in row]


def _as_wide(header: list[str], rows: Rows) -> Rows:
    """Each row as wide as the header: empty cells at its end are left out in the file, and notes stand beside it."""
    missing = [""] * len(header)
    for number, row in rows:
        yield number, (row + missing)[: len(header)]


@contextmanager
def _named(where: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise ValueError(
            f"{where} is damaged, or no Excel workbook ({type(error).__name__}: {error!s:.200}): "
            "open it in a spreadsheet program and save it as .xlsx or CSV"
        ) from error


def _text(cell: Any) -> str:
    """A cell as a CSV file would have it. Excel keeps 15 digits of a number, and shows no more."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return (cell + timedelta(milliseconds=500)).isoformat(timespec="seconds")  # a serial may lie just below
    if isinstance(cell, date):
        return f"{cell.isoformat()}T00:00"
    if isinstance(cell, float):
        return f"{cell:.15g}" if cell.is_integer() else NumberCell(f"{cell:.15g}")
    return str(cell)
