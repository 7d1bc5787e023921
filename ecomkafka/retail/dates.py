"""How a retailer's file writes its dates: which part is the day, and which moment that is."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")
_TIME = r"(?:,?\s+|T)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?:\s?([AaPp])\.?\s?[Mm]\.?)?"
"""Programs write p. m. as well, and a narrow space before it, which is one for \\s too."""
_ISO = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})" + _TIME)
_OTHER = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)" + _TIME)

_TROUBLES = {
    r".*:\d\d\S*\s*(Z|[A-Z]{3,4}|[+-]\d\d:?(\d\d)?)": "an offset or a Z is not allowed: write London's time without it",
    r"\d+([/.-])\d+\1\d+": "the time of day is missing",
    r"\d{9,}": "seconds since 1970, as Unix counts them, are not read: write a date and a time",
    r"\d+(\.\d+)?": "a spreadsheet's bare number: format the column as a date",
    r".*\d.*[^\W\d]{3}.*|.*[^\W\d]{3}.*\d.*": "the name of a month or a day is not read: write the month as a number",
}
"""What may be wrong with a text that is no date; the first that fits is named."""

Places = Mapping[str, tuple[str, int]]
"""By text, the table and the line in which it is found first."""


class Dates(StrEnum):
    """Which part of 12/1/2010 is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def order_of_dates(places: Places, given: Dates | None, others: Places) -> Dates:
    """Which part is the day in a file with these dates, decided by all of them together; where they don't tell, by
    `others`, those of the skipped rows.

    Raises ValueError if they contradict each other, or if none tells and `given` doesn't either.
    """
    ours = _dates(places)
    _check_kinds(places, ours)
    if not ours or given is not None:
        return given or Dates.DAY_FIRST
    day, month = _told(ours)
    if not day and not month:
        day, month = _told(_dates(others))
    if day and month:
        at = {**others, **places}
        raise ValueError(
            f"{_column(at[day])}: {day!r} has the day first, {month!r} ({_line(at[month], at[day])}) the month: "
            "write all dates in one way"
        )
    dotted = next((text for text, found in ours.items() if found[2] == "."), None)
    if day or (dotted and not month):
        return Dates.DAY_FIRST
    if month:
        return Dates.MONTH_FIRST
    text = next(iter(ours))
    raise ValueError(
        f"{_column(places[text])}: {text!r}: the day may be first, or the month, and no date there tells which is "
        f"needed: say --dates {Dates.DAY_FIRST} or --dates {Dates.MONTH_FIRST}"
    )


def _check_kinds(places: Places, ours: Iterable[str]) -> None:
    """Raise ValueError for a table with both kinds, whatever order is given: half of it may be swapped already."""
    years_first = {places[text][0]: text for text in places if _ISO.fullmatch(text)}
    for text in ours:
        if iso := years_first.get(places[text][0]):
            raise ValueError(
                f"{_column(places[text])}: {text!r} and {iso!r} (line {places[iso][1]}): dates of one kind are needed: "
                "a spreadsheet that opens a file of the other order makes both, with day and month swapped wherever "
                "both are 12 or less: import the original once more, with this column as text"
            )


def _column(place: tuple[str, int]) -> str:
    return f"{place[0]}, line {place[1]}, column 'invoice_date'"


def _line(place: tuple[str, int], other: tuple[str, int]) -> str:
    return f"line {place[1]}" if place[0] == other[0] else f"{place[0]}, line {place[1]}"


def _dates(texts: Iterable[str]) -> dict[str, re.Match[str]]:
    """Those that are a day in the one order or the other."""
    found = {text: match for text in texts if (match := _OTHER.fullmatch(text))}
    return {text: match for text, match in found.items() if min(int(match[1]), int(match[3])) <= 12}


def _told(dates: Mapping[str, re.Match[str]]) -> tuple[str | None, str | None]:
    """One that has the day first, and one that has the month first: a month is no more than 12."""
    day = next((text for text, found in dates.items() if int(found[1]) > 12), None)
    month = next((text for text, found in dates.items() if int(found[3]) > 12), None)
    return day, month


def moment(text: str, order: Dates) -> datetime | None:
    """London's local time in UTC, to the second; of the hour that autumn repeats, the first. None if it is no time."""
    try:
        if found := _ISO.fullmatch(text):
            year, month, day = int(found[1]), int(found[3]), int(found[4])
        elif found := _OTHER.fullmatch(text):
            first, other = int(found[1]), int(found[3])
            day, month = (first, other) if order is Dates.DAY_FIRST else (other, first)
            year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
        else:
            return None
        hour, minute, second = (int(found[part] or 0) for part in (5, 6, 7))
        if half := found[8]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if half in "Pp" else 0)
        return datetime(year, month, day, hour, minute, second, tzinfo=_LONDON).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def trouble(text: str) -> str:
    """What keeps a text from being a moment, as far as that can be told."""
    if _ISO.fullmatch(text) or _OTHER.fullmatch(text):
        return "there is no such day or time: "
    begin = text[:80]  # a whole page in a cell would take these forms minutes
    return next((f"{said}: " for form, said in _TROUBLES.items() if re.fullmatch(form, begin)), "")
