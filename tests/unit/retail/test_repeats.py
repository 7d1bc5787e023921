"""Invoices that a file has twice, as the sheets of Online Retail II have nine days of them: each counts once."""

import lzma
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK
from tests.unit.retail.copies import CELLS, TWO, row, text, workbook


def invoice(number, *codes, at=CELLS[4]):
    return [[number, code, *CELLS[2:4], at, *CELLS[5:]] for code in codes]


def codes(retail):
    return {order.order_id: [line.product_id for line in order.lines] for order in retail.orders}


def test_invoices_that_the_next_sheet_has_as_well_count_once(tmp_path):
    first = invoice(1, "A", "B") + invoice(2, "C", "C") + invoice(3, "D")
    second = invoice(3, "D") + invoice(2, "C", "C") + invoice(4, "A")
    retail = load(workbook(tmp_path / "a.xlsx", [TWO, *first], [TWO, *second], [TWO, *second]))
    assert codes(retail) == {"1": ["A", "B"], "2": ["C", "C"], "3": ["D"], "4": ["A"]}
    assert retail.skipped["copy"] == 3 + 4


def test_a_sheet_in_another_order_is_known_again(tmp_path):
    retail = load(workbook(tmp_path / "a.xlsx", [TWO, *invoice(1, "A", "B")], [TWO, *invoice(1, "B", "A")]))
    assert codes(retail) == {"1": ["A", "B"]}


def test_an_invoice_that_goes_on_in_the_next_sheet_is_one_order(tmp_path):
    retail = load(workbook(tmp_path / "a.xlsx", [TWO, *invoice(1, "A", "B")], [TWO, *invoice(1, "C")]))
    assert codes(retail) == {"1": ["A", "B", "C"]}
    assert "copy" not in retail.skipped


def test_an_invoice_that_the_next_sheet_has_in_part_is_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, *invoice(1, "A", "B")], [TWO, *invoice(2, "A"), *invoice(1, "B", "C")])
    with pytest.raises(ValueError, match=r"sheet 'Year 2010', line 3, invoice '1': .*earlier sheet .*leave out"):
        load(path)


def test_the_number_of_another_years_invoice_makes_no_copy(tmp_path):
    sheets = [[TWO, *invoice(1, "A", at=datetime(year, 12, 13, 8))] for year in (2010, 2011)]
    assert load(workbook(tmp_path / "a.xlsx", *sheets)).line_count == 2


def test_an_invoice_that_returns_further_down_counts_once(file):
    """The CSV copies of Online Retail II are the two sheets joined."""
    rows = [row(invoice="1", code="A"), row(invoice="1", code="A"), row(invoice="2", code="B"), row(invoice="3")]
    retail = load(file(text(*rows, *rows, *rows[:3]).encode()))
    assert codes(retail) == {"1": ["A", "A"], "2": ["B"], "3": ["85123A"]}
    assert retail.skipped["copy"] == 4 + 3


def test_the_week_joined_to_itself_is_the_week(file):
    content = lzma.decompress(WEEK.read_bytes())
    header, _, rows = content.partition(b"\n")
    week, twice = load(WEEK), load(file(header + b"\n" + rows + rows))
    assert (twice.orders, twice.names) == (week.orders, week.names)


def test_a_product_that_is_twice_in_an_invoice_is_two_lines_in_every_order_of_the_rows(file):
    """Sorted by product, an invoice's rows lie apart; the product that it has twice is no copy."""
    rows = [row(invoice=number, code=code) for code in "ABC" for number in ("1", "2") for _ in range(2)]
    mixed = [rows[place] for place in (0, 2, 1, 3, 4, 6, 5, 7, 8, 9, 10, 11)]
    for some in (rows, mixed):
        assert load(file(text(*some).encode())).revenue == Decimal("15.30") * 12


def test_an_invoice_of_one_product_twice_is_no_copy_where_rows_are_shuffled(file):
    """Other invoices' rows lie apart there as well, and nothing of them returns."""
    rows = [
        row(invoice=number, code=code) for number in ("1", "2", "3") for code in ("A", "C" if number != "3" else "A")
    ]
    shuffled = [rows[place] for place in (4, 0, 2, 5, 1, 3)]
    assert load(file(text(*shuffled).encode())).line_count == 6


def test_units_of_a_copy_are_not_asked_for_twice(file):
    many = [row(invoice=str(number), quantity="1000000") for number in range(600)]
    assert load(file(text(*many, *many).encode())).demand() == {"85123A": 600_000_000}


# --- sheets that nobody sees


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
@pytest.mark.parametrize("rows", [[TWO, *invoice(2, "B")], [["allowed countries"], ["UK"]]])
def test_a_hidden_sheet_is_left_out(tmp_path, state, rows):
    path = workbook(tmp_path / "a.xlsx", [TWO, *invoice(1, "A")], rows)
    book = openpyxl.load_workbook(path)
    book.worksheets[1].sheet_state = state
    book.save(path)
    assert codes(load(path)) == {"1": ["A"]}
