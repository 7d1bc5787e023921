"""Workbooks as people and programs leave them: each row is read, or what can't be read is named."""

import re
import warnings
import zipfile
from datetime import datetime, time
from decimal import Decimal
from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from ecomkafka.retail.file import load
from tests.unit.retail.copies import CELLS, TWO, workbook

SHEET = "xl/worksheets/sheet1.xml"
BLANK = [None] * len(TWO)


def numbered(count):
    return [[number, *CELLS[1:]] for number in range(1, count + 1)]


def edited(path, change, part=SHEET):
    """The workbook with one part of it changed."""
    content = BytesIO(path.read_bytes())
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            after.writestr(name, change(before.read(name)) if name == part else before.read(name))
    return path


def sizes(path, dimension):
    """The workbook with another <dimension>, or none."""
    return edited(path, lambda xml: re.sub(rb"<dimension [^>]*>", dimension, xml))


# --- no row is lost


@pytest.mark.parametrize(
    "dimension", [b"", b'<dimension ref="A1"/>', b'<dimension ref="A1:H1"/>', b'<dimension ref="A1:H3"/>']
)
def test_every_row_is_read_whatever_the_sheet_says_of_its_size(tmp_path, dimension):
    path = sizes(workbook(tmp_path / "a.xlsx", [TWO, *numbered(5)]), dimension)
    assert len(load(path).orders) == len(pd.read_excel(path)) == 5


def test_a_row_whose_last_cells_are_empty_is_read(tmp_path):
    """A program that streams its rows says no size, and leaves the guest's cell out."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([*TWO[:6], TWO[7], TWO[6]])
    for number, customer in ((1, None), (2, 17850)):
        sheet.append([number, *CELLS[1:6], "UK", customer])
    book.save(tmp_path / "a.xlsx")
    assert [order.customer_id for order in load(tmp_path / "a.xlsx").orders] == ["guest", "17850"]


def test_blank_rows_before_the_header_are_passed_over(tmp_path):
    one, two = [BLANK, [" ", *BLANK[1:]], TWO, *numbered(1)], [BLANK, TWO, *numbered(3)[1:]]
    assert len(load(workbook(tmp_path / "a.xlsx", one)).orders) == 1
    assert len(load(workbook(tmp_path / "b.xlsx", [TWO, *numbered(1)], two)).orders) == 3


def test_the_line_is_counted_from_the_top_of_the_sheet(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [BLANK, TWO, CELLS, BLANK, [*CELLS[:3], "six", *CELLS[4:]]])
    with pytest.raises(ValueError, match=r"a\.xlsx, line 5, column 'quantity': 'six'"):
        load(path)


def test_a_sheet_that_is_none_of_orders_is_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, CELLS], [BLANK, ["Notes of Ann"]])
    with pytest.raises(ValueError, match=r"sheet 'Year 2010' has no column invoice.*'Notes of Ann'.*header has to"):
        load(path)


def test_notes_beside_the_table_are_no_part_of_it(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, [*CELLS, None, "a note"], [*BLANK, None, "another"]])
    assert len(load(path).orders) == 1


@pytest.mark.parametrize("sheets", [[[]], [[BLANK, BLANK], []]])
def test_a_workbook_without_a_row_is_named(tmp_path, sheets):
    with pytest.raises(ValueError, match=r"a\.xlsx has no sheet with rows"):
        load(workbook(tmp_path / "a.xlsx", *sheets))


def test_a_workbook_in_the_strict_form_is_not_taken_for_an_empty_one(tmp_path):
    """Excel can save in it; openpyxl finds no row there."""
    path = workbook(tmp_path / "a.xlsx", [TWO, CELLS])
    ours, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    for part in (SHEET, "xl/workbook.xml"):
        edited(path, lambda xml: xml.replace(ours, strict), part)
    with pytest.raises(ValueError, match=r"a\.xlsx has no sheet with rows .*Strict Open XML.*save"):
        load(path)


# --- cells


def test_a_formula_that_was_never_computed_is_named(tmp_path):
    """A program wrote it, and no spreadsheet has opened it since: an empty customer would be a guest."""
    path = workbook(tmp_path / "a.xlsx", [TWO, [*CELLS[:6], "=17000+850", "UK"]])
    with pytest.raises(ValueError, match=r"a\.xlsx, sheet1\.xml, cell G2: a formula without a value: .*save it"):
        load(path)


@pytest.mark.parametrize(
    ("cell", "customer"),
    [
        (b'<c r="G2"><f>17000+850</f><v>17850</v></c>', "17850"),
        (b'<c r="G2" t="str"><f>IF(A1="","",A1)</f><v></v></c>', "guest"),
    ],
)
def test_a_formula_counts_for_its_value(tmp_path, cell, customer):
    path = workbook(tmp_path / "a.xlsx", [TWO, CELLS])
    edited(path, lambda xml: re.sub(rb'<c r="G2".*?</c>', cell, xml))
    assert load(path).orders[0].customer_id == customer


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NV", "=A2"])
@pytest.mark.parametrize(("place", "column"), [(0, "invoice"), (1, "stock_code"), (6, "customer_id")])
def test_an_error_of_the_spreadsheet_names_nobody(tmp_path, error, place, column):
    path = workbook(tmp_path / "a.xlsx", [TWO, CELLS])
    cell = f'<c r="{"ABCDEFGH"[place]}2" t="e"><v>{error}</v></c>'.encode()
    edited(path, lambda xml: re.sub(rb'<c r="%c2".*?</c>' % ord("ABCDEFGH"[place]), cell, xml))
    with pytest.raises(ValueError, match=rf"a\.xlsx, line 2, column {column}: '{re.escape(error)}'.*mend"):
        load(path)


@pytest.mark.parametrize(
    ("place", "cell", "column"),
    [
        (3, True, "quantity"),
        (3, "", "quantity"),
        (4, time(8, 26), "invoice_date"),
        (4, 40525.35, "invoice_date"),
        (4, None, "invoice_date"),
        (5, "#N/A", "unit_price"),
        (5, "2,50 €", "unit_price"),
        (0, None, "invoice"),
    ],
)
def test_a_cell_of_another_kind_is_named(tmp_path, place, cell, column):
    wrong = [*CELLS[:place], cell, *CELLS[place + 1 :]]
    with pytest.raises(ValueError, match=rf"a\.xlsx, line 3, column '?{column}"):
        load(workbook(tmp_path / "a.xlsx", [TWO, CELLS, wrong]))


def test_a_day_as_a_bare_number_is_named_with_its_cure(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, [*CELLS[:4], 40525.35, *CELLS[5:]]])
    with pytest.raises(ValueError, match=r"line 2, column 'invoice_date': '40525\.35'.*format the column as a date"):
        load(path)


@pytest.mark.parametrize(
    ("last", "column"),
    [
        (["Total", None, None, 12, None, 40.68], "stock_code"),
        ([None, None, None, 12], "unit_price"),
    ],
)
def test_a_row_of_totals_is_named(tmp_path, last, column):
    with pytest.raises(ValueError, match=rf"line 4, column '?{column}"):
        load(workbook(tmp_path / "a.xlsx", [TWO, *numbered(2), last]))


def test_numbers_as_text_with_thousands_are_numbers(tmp_path):
    texts = [*CELLS[:3], "1,200", CELLS[4], "1,234.50", *CELLS[6:]]
    assert load(workbook(tmp_path / "a.xlsx", [TWO, texts])).revenue == Decimal("1481400.00")


def test_empty_columns_and_merged_headers_are_no_columns(tmp_path):
    """Of merged cells only the first has a value."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*TWO[:3], None, *TWO[3:], None, None])
    sheet.append([*CELLS[:3], "gift", *CELLS[3:]])
    sheet.merge_cells("C1:D1")
    book.save(tmp_path / "a.xlsx")
    assert load(tmp_path / "a.xlsx").revenue == Decimal("20.34")


def test_a_header_that_is_there_twice_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"has the column quantity more than once"):
        load(workbook(tmp_path / "a.xlsx", [[*TWO, "QUANTITY"], [*CELLS, 1]]))


def test_a_header_under_a_title_is_said_to_belong_on_top(tmp_path):
    with pytest.raises(ValueError, match=r"its first line is 'Sales 2010.*the header has to be the first"):
        load(workbook(tmp_path / "a.xlsx", [["Sales 2010"], [], TWO, CELLS]))


# --- what is no workbook, or a damaged one


def cut(xml):
    return xml[:-60]


def emptied(_):
    return b""


@pytest.mark.parametrize("damage", [cut, emptied])
@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"]
)
def test_a_workbook_with_a_damaged_part_is_named(tmp_path, part, damage):
    path = edited(workbook(tmp_path / "a.xlsx", [TWO, *numbered(3)]), damage, part)
    with pytest.raises(ValueError, match=r"a\.xlsx.* is damaged, or no Excel workbook \(.*save it"):
        load(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (rb't="n"><v>6</v>', rb't="s"><v>99</v>'),
        (rb't="n"><v>6</v>', rb't="s"><v>x</v>'),
        (rb't="n"><v>6</v>', rb't="n"><v>six</v>'),
        (rb'r="3"', rb'r="x"'),
        (rb's="1"', rb's="x"'),
    ],
)
def test_a_damaged_cell_is_named_with_its_workbook(tmp_path, before, after):
    path = workbook(tmp_path / "a.xlsx", [TWO, *numbered(3)])
    edited(path, lambda xml: re.sub(before, after, xml))
    with pytest.raises(ValueError, match=r"a\.xlsx.* is damaged, or no Excel workbook \("):
        load(path)


def test_an_empty_sheet_of_a_chart_is_named(tmp_path):
    book = openpyxl.Workbook()
    book.create_chartsheet("C")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ValueError, match=r"a\.xlsx is damaged, or no Excel workbook \(AttributeError"):
        load(tmp_path / "a.xlsx")


def test_an_old_or_an_encrypted_workbook_is_told_from_a_damaged_one(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(ValueError, match=r"a\.xlsx has a password, or is an \.xls workbook: save it as \.xlsx without"):
        load(tmp_path / "a.xlsx")


def test_what_openpyxl_passes_over_is_no_noise(tmp_path):
    """A list of allowed values, as Excel keeps it in an extension; a date before 1900."""
    path = workbook(tmp_path / "a.xlsx", [TWO, CELLS])
    more = b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    edited(path, lambda xml: xml.replace(b"</worksheet>", more))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert len(load(path).orders) == 1
    assert [str(one.message) for one in said] == []


def test_a_date_beyond_the_calendar_is_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, [*CELLS[:4], datetime(2010, 1, 1), *CELLS[5:]]])
    edited(path, lambda xml: re.sub(rb"<v>40179</v>", b"<v>99999999</v>", xml))
    with pytest.raises(ValueError, match=r"line 2, column 'invoice_date': '#VALUE!'"):
        load(path)
