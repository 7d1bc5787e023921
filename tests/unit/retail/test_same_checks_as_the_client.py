"""What the shop's client refuses is refused when the file is read, with line and column, before a broker starts."""

from decimal import Decimal

import pytest

from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK
from tests.unit.retail.copies import row, text


@pytest.fixture
def read(tmp_path):
    def read(*rows, first=None):
        (tmp_path / "retail.csv").write_text(text(first or row(), *rows), encoding="utf-8")
        return load(tmp_path / "retail.csv")

    return read


@pytest.mark.parametrize(
    "date", ["1/1/1969 8:26", "1969-01-01 08:26", "0001-01-01 00:00", "1/1/2099 8:26", "9999-12-31 23:59"]
)
def test_a_time_that_no_order_can_have_is_named(read, date):
    with pytest.raises(ValueError, match=rf"line 3, column 'invoice_date': '{date}': from 1970 to a day after"):
        read(row(date), first=row("2010-12-13 08:26") if "-" in date else None)


@pytest.mark.parametrize("customer", ["x" * 80, "株式会社" * 16, "Ж" * 90], ids=["ascii", "cjk", "cyrillic"])
def test_a_customer_without_a_mail_address_is_named(read, customer):
    with pytest.raises(ValueError, match=r"line 3, column customer_id: '.* has no mail address: \d+ octets"):
        read(row(customer=customer))


def test_more_units_of_a_product_than_a_shop_can_hold_are_named(read):
    """In one order or in many: the line that is one too many."""
    many = [row(quantity="1000000") for _ in range(1_000)]
    allowed = r"'1000000': with it 1,000,000,006 of 85123A are asked for: at most 1,000,000,000 of a product"
    with pytest.raises(ValueError, match=rf"retail\.csv, line 1002, column 'quantity': {allowed}"):
        read(*many)
    with pytest.raises(ValueError, match=rf"retail\.csv, line 1002, column 'quantity': {allowed}"):
        read(*[[str(number), *one[1:]] for number, one in enumerate(many)])
    assert read(*many[:999]).demand() == {"85123A": 999_000_006}


def test_an_order_of_more_money_than_a_message_can_hold_is_named(read):
    lines = [row(invoice="7", code=f"P{number}", quantity="1000000", price="1000000") for number in range(101)]
    with pytest.raises(
        ValueError, match=r"line 3, invoice '7', columns 'quantity' and 'unit_price': the total is 1010+:"
    ):
        read(*lines)
    assert max(order.total for order in read(*lines[:100]).orders) == Decimal(10) ** 14


def test_an_order_of_too_many_lines_is_named_with_its_first_line(read):
    with pytest.raises(ValueError, match=r"retail\.csv, line 3, invoice '7' has 1501 lines: at most 1500"):
        read(*[row(invoice="7")] * 1_501)


def test_a_stock_that_no_shop_can_hold_is_told_with_its_ratio(read):
    retail = read(*[row(quantity="1000000")] * 2)
    with pytest.raises(ValueError, match=r"stock ratio is 1000: 2,000,006,000 of 85123A: at most 1,000,000,000 of"):
        retail.catalogue(Decimal(1_000))
    assert load(WEEK).catalogue(Decimal(1_000))
