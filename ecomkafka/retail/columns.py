"""The columns of a retailer's file: which header is which, and how numbers and dates are written."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

COLUMNS = ("invoice", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id")
"""The columns that are used; others, such as `country`, may be there."""

_HEADERS = {
    "invoice": ("invoice", "invoiceno"),
    "stock_code": ("stockcode",),
    "description": ("description",),
    "quantity": ("quantity",),
    "invoice_date": ("invoicedate",),
    "unit_price": ("unitprice", "price"),
    "customer_id": ("customerid",),
}
"""Of the public copies of Online Retail and Online Retail II, without case, spaces and marks."""

_LONDON = ZoneInfo("Europe/London")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.0+)?)?")
_OTHER = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AaPp])\.?[Mm]\.?)?"
)


class Dates(StrEnum):
    """Which part of 12/1/2010 is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def places(where: str, header: Sequence[str], columns: Mapping[str, str]) -> list[int]:
    """Where each of COLUMNS is; `columns` names the headers of those that are called otherwise. Raises ValueError."""
    if not any(header):
        raise ValueError(f"{where} is empty: a first line with the columns {', '.join(COLUMNS)} is needed")
    found = {column: _find(header, column, columns.get(column)) for column in COLUMNS}
    if missing := [column for column, where_ in found.items() if not where_]:
        raise ValueError(
            f"{where} has no column {', '.join(missing)}: its first line is {', '.join(header)!r:.300}: "
            "the header has to be the first line, of each sheet as well; "
            f"--columns {missing[0]}=HEADER names one that is called otherwise"
        )
    if twice := next((column for column, where_ in found.items() if len(where_) > 1), None):
        names = ", ".join(header[number] for number in found[twice])
        raise ValueError(
            f"{where} has the column {twice} more than once: {names:.300}: delete all but one, or name it by "
            f"--columns {twice}=HEADER"
        )
    return [indices[0] for indices in found.values()]


def _find(header: Sequence[str], column: str, given: str | None) -> list[int]:
    if given is not None:
        return [number for number, name in enumerate(header) if name == given.strip()]
    return [number for number, name in enumerate(header) if _plain(name) in _HEADERS[column]]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lstrip("\ufeff").lower())


def check_columns(columns: Mapping[str, str]) -> None:
    """Raise ValueError for a name that is none of COLUMNS."""
    if unknown := sorted(columns.keys() - set(COLUMNS)):
        raise ValueError(f"--columns {unknown[0]!r:.80}: {', '.join(COLUMNS)} can be named, each as NAME=HEADER")


def without_zero(text: str) -> str:
    """An id that pandas or a spreadsheet took for a number: 17850.0 is 17850."""
    return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text


_NUMBERS = {
    ".": re.compile(r"-?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,12})?"),
    ",": re.compile(r"-?(?:[0-9]{1,12}|[0-9]{1,3}(?:\.[0-9]{3}){1,3})(?:,[0-9]{1,12})?"),
}
"""By decimal mark; the other mark groups thousands."""


def decimal_mark(texts: Iterable[str], separator: str, others: Iterable[str] = ()) -> str:
    """The one in which every number of the file can be read; of two, the one in which the skipped rows' `others` can
    be read as well, then the one that goes with the file's separator.

    Where neither fits all, the one that fits the separator: the number that does not is then named with its line.
    """
    usual = "," if separator == ";" else "."
    fits = _marks(texts)
    if len(fits) > 1:
        fits = _marks(others) or fits
    return usual if usual in fits or not fits else fits[0]


def _marks(texts: Iterable[str]) -> list[str]:
    numbers = [text for text in texts if any(pattern.fullmatch(text) for pattern in _NUMBERS.values())]
    return [mark for mark, pattern in _NUMBERS.items() if all(map(pattern.fullmatch, numbers))]


def number(text: str, mark: str) -> str | None:
    """The number as Python writes it, without thousands; None if it is none."""
    if not _NUMBERS[mark].fullmatch(text):
        return None
    return text.replace("," if mark == "." else ".", "").replace(",", ".")


def order_of_dates(where: str, texts: Mapping[str, int], given: Dates | None, others: Mapping[str, int]) -> Dates:
    """Which part is the day in a table with these dates (and the line of each), decided by all of them together; where
    they don't tell, by `others`, those of the skipped rows.

    Raises ValueError if they contradict each other, or if none tells and `given` doesn't either.
    """
    ours = _dates(texts)
    if not ours or given is not None:
        return given or Dates.DAY_FIRST
    day, month = _told(ours)
    if not day and not month:
        day, month = _told(_dates(others))
    if day and month:
        line = {**others, **texts}
        raise ValueError(
            f"{where}, line {max(line[day], line[month])}, column 'invoice_date': {day!r} (line {line[day]}) has "
            f"the day first, {month!r} (line {line[month]}) the month: write all dates in one way"
        )
    dotted = next((text for text, found in ours.items() if found[2] == "."), None)
    if day or (dotted and not month):
        return Dates.DAY_FIRST
    if month:
        return Dates.MONTH_FIRST
    text = next(iter(ours))
    raise ValueError(
        f"{where}, line {texts[text]}, column 'invoice_date': {text!r}: the day may be first, or the month, and no "
        "date there tells which is needed: "
        f"say --dates {Dates.DAY_FIRST} or --dates {Dates.MONTH_FIRST}"
    )


def _dates(texts: Iterable[str]) -> dict[str, re.Match[str]]:
    return {text: found for text in texts if (found := _OTHER.fullmatch(text))}


def _told(dates: Mapping[str, re.Match[str]]) -> tuple[str | None, str | None]:
    """One that has the day first, and one that has the month first: a month is no more than 12."""
    day = next((text for text, found in dates.items() if int(found[1]) > 12), None)
    month = next((text for text, found in dates.items() if int(found[3]) > 12), None)
    return day, month


def moment(text: str, order: Dates) -> datetime | None:
    """London's local time in UTC; of the hour that autumn repeats, the first. None if it is no time."""
    try:
        if found := _ISO.fullmatch(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        elif found := _OTHER.fullmatch(text):
            first, other = int(found[1]), int(found[3])
            day, month = (first, other) if order is Dates.DAY_FIRST else (other, first)
            year, hour, minute, second = (int(found[part] or 0) for part in (4, 5, 6, 7))
            year += 2000 if len(found[4]) == 2 else 0
            if half := found[8]:
                if not 1 <= hour <= 12:
                    return None
                hour = hour % 12 + (12 if half in "Pp" else 0)
        else:
            return None
        return datetime(year, month, day, hour, minute, second, tzinfo=_LONDON).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
