"""Dates as programs write them: read if they say one moment, or refused with what is wrong."""

from datetime import UTC, datetime

import pytest

from ecomkafka.retail.dates import trouble
from ecomkafka.retail.file import load
from tests.unit.retail.copies import CELLS, TWO, row, text, workbook


def cells(date, invoice=1):
    return [invoice, *CELLS[1:4], date, *CELLS[5:]]


@pytest.mark.parametrize(
    "date",
    [
        "2010-12-13 8:26:00",
        "2010-12-13T08:26:00.123456",
        "2010/12/13 08:26",
        "2010/12/13 8:26:00",
        "2010-12-13 8:26 AM",
        "12/13/2010, 8:26:00 AM",
        "12/13/2010 8:26\u202fAM",
        "13/12/2010 8:26 a. m.",
        "13/12/2010 8:26 a.\u00a0m.",
        "13.12.2010, 08:26",
    ],
)
def test_a_date_that_says_one_moment_is_read(file, date):
    (order,) = load(file(text(row(date)).encode())).orders
    assert order.at == datetime(2010, 12, 13, 8, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "trouble"),
    [
        ("13/13/2010 8:26", "there is no such day or time: "),
        ("30/2/2010 8:26", "there is no such day or time: "),
        ("2010-02-30 8:26", "there is no such day or time: "),
        ("2010-12-13T08:26Z", "an offset or a Z is not allowed: write London's time without it: "),
        ("2010-12-13 08:26:00+00:00", "an offset or a Z is not allowed"),
        ("2010-12-13T08:26:00.5-0500", "an offset or a Z is not allowed"),
        ("12/13/2010 8:26 GMT", "an offset or a Z is not allowed"),
        ("2010-12-13", "the time of day is missing: "),
        ("13/12/2010", "the time of day is missing: "),
        ("13 Dec 2010 8:26", "the name of a month or a day is not read: write the month as a number: "),
        ("Mon, 13-Dez-10 08:26", "the name of a month or a day is not read"),
        ("1291969560", "seconds since 1970, as Unix counts them, are not read: write a date and a time: "),
        ("1291969560000", "seconds since 1970"),
        ("40525.35", "a spreadsheet's bare number: format the column as a date: "),
        ("NaT", ""),
    ],
)
def test_what_is_wrong_with_a_date_is_said(file, date, trouble):
    expected = rf"line 2, column 'invoice_date': '{date.replace('+', '.')}': {trouble}.*London's local time is needed"
    with pytest.raises(ValueError, match=expected):
        load(file(text(row(date)).encode()))


def test_a_date_that_is_none_tells_nothing_of_the_others(file):
    rows = [row("1/2/2010 8:26"), row("31/31/2010 8:26", invoice="2")]
    with pytest.raises(ValueError, match=r"line 2, .*--dates day-first or"):
        load(file(text(*rows).encode()))


# --- what a spreadsheet makes of a file in the other order


def test_real_dates_and_texts_in_one_column_are_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, cells(datetime(2010, 1, 12, 8, 26)), cells("12/13/2010 8:26", 2)])
    damaged = (
        r"line 3, column 'invoice_date': '12/13/2010 8:26' and '2010-01-12T08:26:00' \(line 2\): dates of one kind"
    )
    with pytest.raises(ValueError, match=damaged):
        load(path)


def test_so_they_are_in_a_csv_file_made_of_that_workbook(file):
    """To say the order is no cure: the real dates are swapped already."""
    path = file(text(row("12/13/2010 8:26"), row("2010-01-12 08:26:00", invoice="2")).encode())
    for dates in (None, "month-first"):
        with pytest.raises(ValueError, match=r"line 2, .*\(line 3\).*day and month swapped .*import the original"):
            load(path, dates=dates)


def test_the_order_is_decided_for_all_sheets_together(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, cells("12/1/2010 8:26")], [TWO, cells("12/13/2010 8:26", 2)])
    assert [order.at.month for order in load(path).orders] == [12, 12]


def test_sheets_that_contradict_each_other_are_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, cells("13/1/2010 8:26")], [TWO, cells("1/13/2010 8:26", 2)])
    with pytest.raises(ValueError, match=r"sheet 'Year 2009', line 2, .*\(.*sheet 'Year 2010', line 2\) the month"):
        load(path)


def test_a_time_just_below_its_second_is_that_second(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, cells(datetime(2010, 12, 13, 8, 25, 59, 999_000))])
    assert load(path).orders[0].at == datetime(2010, 12, 13, 8, 26, tzinfo=UTC)


def test_what_is_wrong_with_a_page_in_a_date_s_cell_is_said_at_once() -> None:
    """A form that looks at each pair of its letters would take hours."""
    assert trouble("1a" * 500_000) == ""
