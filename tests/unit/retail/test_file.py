"""The copies of Online Retail that people have, and what spreadsheets make of them: all give the same orders."""

import bz2
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest

from ecomkafka.retail.dates import Dates
from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK
from tests.unit.retail.copies import AT, CELLS, ONE, TWO, row, text, workbook


def only(retail):
    (order,) = retail.orders
    return order


# --- the public copies


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_copy_is_read_in_the_encodings_and_separators_of_spreadsheets(file, encoding, separator):
    retail = load(file(text(row(), separator=separator).encode(encoding)))
    order = only(retail)
    assert (order.order_id, order.customer_id, order.at, order.total) == ("536365", "17850", AT, Decimal("15.30"))
    assert retail.names == {"85123A": "£1 T-LIGHT"}


def test_online_retail_ii_is_read(file):
    order = only(load(file(text(row("2009-12-01 07:45:00"), header=TWO).encode())))
    assert (order.at, order.customer_id) == (datetime(2009, 12, 1, 7, 45, tzinfo=UTC), "17850")


def test_a_european_spreadsheet_is_read(file):
    """Semicolons, decimal commas, a mark in front, dates with dots, thousands with dots."""
    rows = [
        row("01.12.2010 08:26", price="2,55", customer="17850"),
        row("02.12.2010 08:26", price="1.234,50", invoice="7"),
    ]
    retail = load(file(text(*rows, separator=";").encode("utf-8-sig")))
    assert [(order.at.day, order.total) for order in retail.orders] == [(1, Decimal("15.30")), (2, Decimal("7407.00"))]


@pytest.mark.parametrize("header", [[name.upper() for name in ONE], [f" {name} " for name in TWO]])
def test_headers_may_have_another_case_and_spaces(file, header):
    assert only(load(file(text(row(), header=header).encode()))).total == Decimal("15.30")


def test_a_workbook_is_read_with_all_its_sheets(tmp_path):
    other = [489434, 22423, "STAND", 2, datetime(2010, 12, 14, 9), 0.1 + 0.2, None, "UK"]
    retail = load(workbook(tmp_path / "retail.xlsx", [list(TWO), CELLS], [list(TWO), other], []))
    first, second = retail.orders
    assert (first.order_id, first.customer_id, first.at, first.total) == ("536365", "17850", AT, Decimal("20.34"))
    assert (second.lines[0].product_id, second.customer_id, second.total) == ("22423", "guest", Decimal("0.6"))


def test_a_wrong_cell_of_a_workbook_is_named_with_its_sheet(tmp_path):
    wrong = [*CELLS[:3], "six", *CELLS[4:]]
    path = workbook(tmp_path / "retail.xlsx", [list(TWO), CELLS], [list(TWO), [2, *CELLS[1:]], wrong])
    with pytest.raises(ValueError, match=r"retail\.xlsx, sheet 'Year 2010', line 3, column 'quantity': 'six'"):
        load(path)


def test_a_packed_file_is_read(tmp_path, file):
    content = text(row()).encode()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("folder/data.csv", content)
        packed.writestr("__MACOSX/folder/._data.csv", b"x")
    workbook(tmp_path / "b.xlsx", [list(TWO), CELLS])
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.write(tmp_path / "b.xlsx", "b.xlsx")
    totals = [only(load(path)).total for path in (tmp_path / "a.zip", file(bz2.compress(content), "a.csv.bz2"))]
    assert totals == [Decimal("15.30")] * 2
    assert only(load(tmp_path / "b.zip")).total == Decimal("20.34")


def test_the_week_is_the_same_in_every_form(tmp_path):
    """As it is shipped, and as pandas writes it for others."""
    week = load(WEEK)
    table = pd.read_csv(WEEK, dtype=str, keep_default_na=False)
    at = pd.to_datetime(table["invoice_date"])
    price = table["unit_price"]
    table.columns = [*TWO[:7], *table.columns[7:]] if len(table.columns) == 8 else list(TWO[:7])
    forms = {
        "iso.csv": (at.dt.strftime("%Y-%m-%d %H:%M:%S"), price, {}),
        "us.csv": (at.dt.strftime("%m/%d/%Y %H:%M"), price, {"encoding": "cp1252"}),
        "de.csv": (
            at.dt.strftime("%d.%m.%Y %H:%M"),
            price.str.replace(".", ","),
            {"sep": ";", "encoding": "utf-8-sig"},
        ),
        "excel.txt": (at.dt.strftime("%d/%m/%Y %H:%M"), price, {"sep": "\t", "encoding": "utf-16"}),
    }
    for name, (dates, prices, how) in forms.items():
        # One week of August has no 13th: what is day and what is month has to be said.
        said = None if name in ("iso.csv", "de.csv") else Dates.MONTH_FIRST if name == "us.csv" else Dates.DAY_FIRST
        table.assign(InvoiceDate=dates, Price=prices).to_csv(tmp_path / name, index=False, **how)
        found = load(tmp_path / name, dates=said)
        assert (found.orders, found.skipped) == (week.orders, week.skipped), name
    table = table.assign(InvoiceDate=at, Price=price.astype(float), Quantity=table["Quantity"].astype(int))
    table.to_excel(tmp_path / "week.xlsx", index=False)
    assert load(tmp_path / "week.xlsx").orders == week.orders


MISSING = ["NA", "N/A", "n/a", "nan", "NaN", "<NA>", "NULL", "null", "None", "\\N", "-"]


@pytest.mark.parametrize("missing", MISSING)
def test_what_programs_write_for_nothing_is_no_name(file, missing):
    """R, pandas and databases; spreadsheets at times as well."""
    retail = load(file(text(row(customer=missing, name=missing), row(customer=missing)).encode()))
    assert (only(retail).customer_id, retail.names) == ("guest", {"85123A": "£1 T-LIGHT"})


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize(("field", "column"), [("invoice", "invoice"), ("code", "stock_code")])
def test_an_order_and_a_product_need_a_name(file, missing, field, column):
    path = file(text(row(), row(**{field: missing})).encode())
    with pytest.raises(ValueError, match=rf"line 3, column {column}: {re.escape(repr(missing))}: .*is needed"):
        load(path)


def test_a_product_has_its_first_description_however_its_code_is_written(file):
    rows = [row(code="22423.0", name="FIRST"), row(code="22423.0", name="SECOND"), row(code="22423", name="THIRD")]
    assert load(file(text(*rows).encode())).names == {"22423": "FIRST"}


# --- what is decided by the whole file


def test_one_date_tells_for_all(file):
    rows = [row("1/2/2010 8:26"), row("25/12/2010 8:26", invoice="2")]
    assert [order.at.month for order in load(file(text(*rows).encode())).orders] == [2, 12]


@pytest.mark.parametrize(("dates", "month"), [(Dates.DAY_FIRST, 2), (Dates.MONTH_FIRST, 1)])
def test_where_no_date_tells_it_is_asked_for(file, dates, month):
    path = file(text(row("1/2/2010 8:26"), row("3/3/2010 8:26", invoice="2")).encode())
    with pytest.raises(ValueError, match=r"line 2, column 'invoice_date': '1/2/2010 8:26'.*--dates day-first or"):
        load(path)
    assert load(path, dates=dates).orders[0].at.month == month


def test_a_cancellation_tells_what_is_day_and_what_is_month(file):
    """Its date is as good as another; but no date of a row that is skipped is ever asked for, or in the way."""
    cancelled, bad = row("12/13/2010 9:00", invoice="C1"), row("?", invoice="C2")
    assert only(load(file(text(row("12/1/2010 8:26"), cancelled, bad).encode()))).at.month == 12
    assert only(load(file(text(row("2010-12-01 08:26"), row("1/2/2010 9:00", invoice="C1")).encode()))).at.month == 12
    assert only(load(file(text(row("13/1/2010 8:26"), cancelled).encode()))).at.month == 1


def test_a_cancellations_price_tells_what_is_a_decimal_comma(file):
    content = text(row(price="1,250"), row(invoice="C1", quantity="-1", price="2,5"))
    assert only(load(file(content.encode()))).total == Decimal("7.500")


def test_dates_that_contradict_each_other_are_named(file):
    path = file(text(row("13/1/2010 8:26"), row("1/13/2010 8:26")).encode())
    with pytest.raises(ValueError, match=r"line 2, .*'13/1/2010 8:26' .*'1/13/2010 8:26' \(line 3\)"):
        load(path)


@pytest.mark.parametrize(
    ("prices", "total"),
    [
        (("1,234.50", "2.55"), "1237.05"),
        (("1.234,50", "2,55"), "1237.05"),
        (("2,55", "3,5"), "6.05"),
        (("2.55", "3"), "5.55"),
        (("1,234", "0,850"), "2.084"),
        (("2.550", "0.850"), "3.4"),
        (("1,000,000", "1,234"), "1001234"),
    ],
)
def test_thousands_and_decimals_are_told_apart_by_the_whole_column(file, prices, total):
    rows = [row(price=price, quantity="1") for price in prices]
    assert only(load(file(text(*rows).encode()))).total == Decimal(total)


def test_a_price_that_goes_with_no_other_is_named(file):
    path = file(text(row(price="1,234.50"), row(price="1.234,50")).encode())
    with pytest.raises(ValueError, match=r"line 3, column 'unit_price': '1\.234,50'"):
        load(path)


def test_other_headers_are_mapped(file):
    header = ["Beleg", "Artikel", "Text", "Menge", "Zeit", "Preis", "Kunde", "Land"]
    names = ("invoice", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id")
    path = file(text(row(), header=header).encode())
    assert only(load(path, dict(zip(names, header, strict=False)))).total == Decimal("15.30")
    with pytest.raises(ValueError, match=r"no column customer_id: its first line is 'Beleg, .*--columns customer_id="):
        load(path, dict(zip(names[:-1], header, strict=False)))
    with pytest.raises(ValueError, match=r"--columns 'price': invoice, stock_code"):
        load(path, {"price": "Preis"})


LETTERS = [row(), row(invoice="C1"), row(invoice="A2"), row(invoice="ABC-3"), row(invoice="CARD-4")]


def test_a_letter_and_digits_are_online_retails_own_invoices(file):
    retail = load(file(text(*LETTERS).encode()))
    assert [order.order_id for order in retail.orders] == ["536365", "ABC-3", "CARD-4"]
    assert (retail.skipped["cancellation"], retail.skipped["adjustment"]) == (1, 1)


def test_letters_of_another_shops_invoices_mean_nothing(file):
    header = ("Beleg", *ONE[1:])
    retail = load(file(text(*LETTERS, header=header).encode()), {"invoice": "Beleg"})
    assert [order.order_id for order in retail.orders] == ["536365", "C1", "A2", "ABC-3", "CARD-4"]


# --- what can't be read


@pytest.mark.parametrize("line", ["1," + ",".join(row()), ",".join(row()) + ",", "Total", "(541909 rows affected)"])
def test_a_row_that_is_wider_or_narrower_than_the_header_is_told_its_cure(file, line):
    with pytest.raises(ValueError, match=r"line 3, \d fields: the header has 8: .*quot.*total.*header"):
        load(file((text(row()) + line).encode()))


def test_headers_of_the_same_column_are_named_with_their_cure(file):
    path = file(text([*row(), "2.55"], header=(*ONE, "Price")).encode())
    with pytest.raises(ValueError, match=r"unit_price more than once: UnitPrice, Price: .*--columns unit_price="):
        load(path)
    assert only(load(path, {"unit_price": "Price"})).total == Decimal("15.30")


def test_a_file_without_an_order_says_what_was_skipped(file):
    rows = [row(invoice="C1"), row(invoice="C2"), row(price="0")]
    with pytest.raises(
        ValueError, match=r"retail\.csv has no order: 3 rows were skipped \(cancellation 2, price 1\): "
    ):
        load(file(text(*rows).encode()))
    with pytest.raises(ValueError, match=r"retail\.csv has no order: 0 rows were skipped: "):
        load(file(text().encode()))


def packed(path, *members):
    with zipfile.ZipFile(path, "w") as archive:
        for name in members:
            archive.writestr(name, text(row()))
    return path


def test_a_zip_file_with_several_members_names_them(tmp_path):
    with pytest.raises(ValueError, match=r"has 2 members \(a\.csv, b\.csv\): unpack it"):
        load(packed(tmp_path / "a.zip", "a.csv", "b.csv"))
    with pytest.raises(ValueError, match=r"has 0 members \(nothing\)"):
        load(packed(tmp_path / "b.zip"))


@pytest.mark.parametrize("name", ["a.zip", "a.xlsx", "a.csv.bz2", "a.csv.gz", "a.csv.xz"])
def test_what_is_damaged_is_named(file, name):
    with pytest.raises(ValueError, match=rf"{name} is (damaged|no Excel workbook)"):
        load(file(b"nothing of the kind" * 10, name))


def test_a_zip_file_that_is_no_workbook_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"a\.xlsx is (damaged|no Excel workbook)"):
        load(packed(tmp_path / "a.xlsx", "a.csv"))


def test_an_encrypted_zip_file_is_named(tmp_path):
    path = packed(tmp_path / "a.zip", "a.csv")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory, as a program that encrypts sets it
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.csv is encrypted: unpack it with its password"):
        load(path)


def test_a_folder_is_named(tmp_path):
    with pytest.raises(OSError, match=str(tmp_path.name)):
        load(tmp_path)
