"""Numbers and ids as spreadsheets and databases write them: read to the penny, or refused."""

from datetime import datetime
from decimal import Decimal

import pytest

from ecomkafka.retail.file import load
from tests.unit.retail.copies import CELLS, TWO, row, text, workbook


def prices(retail):
    return [line.price for order in retail.orders for line in order.lines]


def cells(price, invoice=1):
    return [invoice, *CELLS[1:5], price, *CELLS[6:]]


# --- which mark is the decimal one


@pytest.mark.parametrize(("price", "separator"), [("0.850", ";"), ("0,850", "\t"), ("0,850", ",")])
def test_no_group_of_thousands_begins_with_a_zero(file, price, separator):
    assert prices(load(file(text(row(price=price), separator=separator).encode()))) == [Decimal("0.850")]


@pytest.mark.parametrize("price", ["2.550", "2,550"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_price_that_may_be_a_thousand_or_not_is_refused_where_no_other_tells(file, price, separator):
    path = file(text(row(invoice="1", price="3"), row(price=price), separator=separator).encode())
    with pytest.raises(ValueError, match=rf"line 3, column 'unit_price': '{price}': its '[.,]' may group thousands"):
        load(path)


@pytest.mark.parametrize(
    ("price", "thousand", "fraction"), [("2.550", "2550,00", "2.5500"), ("1,234", "1234.00", "1,2340")]
)
def test_what_is_said_to_write_tells_for_all(file, price, thousand, fraction):
    path = file(text(row(price=price), row(price=price), separator=";").encode())
    with pytest.raises(ValueError, match=rf"line 2, .*write this one as '{thousand}' or as '{fraction}'"):
        load(path)
    (plain,) = {Decimal(price.replace(",", "").replace(".", ""))}
    for written, expected in ((thousand, plain), (fraction, plain / 1000)):
        path = file(text(row(price=written), row(price=price), separator=";").encode())
        assert prices(load(path)) == [expected] * 2


def test_a_quantity_that_may_be_a_thousand_or_not_is_refused(file):
    with pytest.raises(ValueError, match=r"line 2, column 'quantity': '6\.000': its '\.' may group thousands"):
        load(file(text(row(quantity="6.000", price="3")).encode()))


def test_the_mark_is_decided_for_all_sheets_together(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, cells("1,125")], [TWO, cells("2,55", invoice=2)])
    assert prices(load(path)) == [Decimal("1.125"), Decimal("2.55")]


def test_a_number_cell_is_that_number_whatever_the_texts_beside_it(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, cells("6,95"), cells(1.125), cells("1.125,5")])
    assert prices(load(path)) == [Decimal("6.95"), Decimal("1.125"), Decimal("1125.5")]


def test_a_number_cell_is_not_taken_for_the_text_that_looks_like_it(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [TWO, cells("6,95"), cells("1.125"), cells(1.125)])
    assert prices(load(path)) == [Decimal("6.95"), Decimal("1125"), Decimal("1.125")]


def test_number_cells_do_not_tell_how_texts_are_written(tmp_path):
    with pytest.raises(ValueError, match=r"line 3, column 'unit_price': '1,125': its ',' may group thousands"):
        load(workbook(tmp_path / "a.xlsx", [TWO, cells(2.55), cells("1,125")]))


def test_a_number_cell_may_be_a_name(tmp_path):
    """Texts of a kind of their own can't be sent."""
    path = workbook(tmp_path / "a.xlsx", [TWO, [1.5, 2.5, 3.5, 1, datetime(2010, 12, 13), 1.5, 4.5, "UK"]])
    retail = load(path)
    (order,) = retail.orders
    names = [order.order_id, order.lines[0].product_id, retail.names["2.5"], order.customer_id]
    assert names == ["1.5", "2.5", "3.5", "4.5"]
    assert {type(name) for name in names} == {str}


@pytest.mark.parametrize("price", ["2.550000", "2.550000000000", "2.55000"])
def test_zeros_that_say_nothing_are_no_decimals(file, price):
    (found,) = prices(load(file(text(row(price=price)).encode())))
    assert (found, found.as_tuple().exponent) == (Decimal("2.55"), -4)


def test_a_fifth_decimal_is_refused_unless_it_is_a_zero(file):
    assert prices(load(file(text(row(price="2.55550")).encode()))) == [Decimal("2.5555")]
    with pytest.raises(ValueError, match=r"line 2, column 'unit_price': '2\.555501': a number with at most 4 decimals"):
        load(file(text(row(price="2.555501")).encode()))


# --- ids that were taken for numbers


@pytest.mark.parametrize("written", ["17850.0", "17850.00", "17850.000", "17850,0", "17850,00"])
def test_an_id_that_was_taken_for_a_number_is_its_digits(file, written):
    retail = load(file(text(row(invoice=written, code=written, customer=written), separator=";").encode()))
    (order,) = retail.orders
    assert (order.order_id, order.lines[0].product_id, order.customer_id) == ("17850",) * 3


@pytest.mark.parametrize("written", ["1.785E+04", "1,785E+04", "1e+05", "17,850", "1,017,850"])
@pytest.mark.parametrize(("field", "column"), [("invoice",) * 2, ("code", "stock_code"), ("customer", "customer_id")])
def test_an_id_in_a_spreadsheets_form_of_a_number_is_refused(file, field, column, written):
    path = file(text(row(**{field: written}), separator=";").encode())
    with pytest.raises(ValueError, match=rf"line 2, column {column}: '{written.replace('+', '.')}': .*column as text"):
        load(path)


@pytest.mark.parametrize("code", ["10E05", "123.456", "100.000", "A,123", "1.2.0"])
def test_a_shops_own_code_stays_as_it_is(file, code):
    assert load(file(text(row(code=code)).encode())).orders[0].lines[0].product_id == code
