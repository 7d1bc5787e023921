"""The retailer's file: clear errors for what is wrong in it, and the figures that pandas computes on its own."""

import gzip
import lzma
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from math import floor

import pandas as pd
import pytest

from ecomkafka.messages import Line
from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WAREHOUSES, WEEK, warehouse_of

HEADER = "invoice,stock_code,description,quantity,invoice_date,unit_price,customer_id,country"
ROW = {
    "invoice": "536365",
    "stock_code": "85123A",
    "description": "T-LIGHT HOLDER",
    "quantity": "6",
    "invoice_date": "2010-12-01T08:26",
    "unit_price": "2.55",
    "customer_id": "17850",
    "country": "United Kingdom",
}


def row(**fields):
    return ",".join((ROW | fields).values())


@pytest.fixture
def write(tmp_path):
    def write(*rows, header=HEADER, name="retail.csv"):
        file = tmp_path / name
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return file

    return write


@pytest.fixture(scope="module")
def week():
    return load(WEEK)


@pytest.fixture(scope="module")
def reference():
    """The same rules once more, by pandas: (rows that count, skipped)."""
    table = pd.read_csv(WEEK, dtype=str, keep_default_na=False)
    table["quantity"] = table["quantity"].astype(int)
    table["unit_price"] = table["unit_price"].map(Decimal)
    table["money"] = table["quantity"] * table["unit_price"]
    reason = pd.Series("", index=table.index)
    reason[table["unit_price"] <= 0] = "price"
    reason[table["quantity"] <= 0] = "quantity"
    reason[table["invoice"].str.startswith("A")] = "adjustment"
    reason[table["invoice"].str.startswith("C")] = "cancellation"
    return table[reason == ""], reason[reason != ""].value_counts().to_dict()


def test_the_week_agrees_with_pandas_to_the_penny(week, reference):
    rows, skipped = reference
    assert week.skipped == skipped
    assert set(skipped) == {"cancellation", "adjustment", "quantity", "price"}
    assert week.line_count == len(rows)
    assert week.revenue == rows["money"].sum()
    assert sum(week.demand().values()) == rows["quantity"].sum()
    assert {order.order_id: order.total for order in week.orders} == rows.groupby("invoice")["money"].sum().to_dict()
    assert week.demand() == rows.groupby("stock_code")["quantity"].sum().to_dict()


def test_the_week_has_what_makes_real_data_hard(week):
    """Guests, codes that are no products, one product in two lines of an invoice."""
    assert any(order.customer_id == "guest" for order in week.orders)
    assert "POST" in week.demand()
    assert any(len({line.product_id for line in order.lines}) < len(order.lines) for order in week.orders)


def test_orders_come_in_order_of_time_and_the_file_decides_ties(write):
    late, early = "2010-12-02T08:00", "2010-12-01T08:00"
    retail = load(
        write(
            row(invoice="3", invoice_date=late),
            row(invoice="2", invoice_date=early),
            row(invoice="1", invoice_date=early),
        )
    )
    assert [order.order_id for order in retail.orders] == ["2", "1", "3"]


def test_an_invoice_is_one_order_wherever_its_lines_are(write):
    """Time and customer are those of its first line; the same product twice stays two lines."""
    retail = load(write(row(), row(invoice="2"), row(invoice_date="2010-12-01T09:00", customer_id="", quantity="1")))
    first = retail.orders[0]
    line = Line(product_id="85123A", quantity=6, price=Decimal("2.55"))
    assert first.lines == (line, Line(product_id="85123A", quantity=1, price=Decimal("2.55")))
    assert (first.customer_id, first.at) == ("17850", datetime(2010, 12, 1, 8, 26, tzinfo=UTC))
    assert retail.line_count == 3


def test_a_missing_customer_is_a_guest(write):
    assert load(write(row(customer_id=""))).orders[0].customer_id == "guest"


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2010-12-01T08:26", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("2011-07-01T08:26", datetime(2011, 7, 1, 7, 26, tzinfo=UTC)),
        ("2011-07-01 08:26:59", datetime(2011, 7, 1, 7, 26, 59, tzinfo=UTC)),
        ("2011-10-30T01:30", datetime(2011, 10, 30, 0, 30, tzinfo=UTC)),
    ],
)
def test_times_are_londons(write, local, utc):
    assert load(write(row(invoice_date=local))).orders[0].at == utc


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"invoice": "C1", "quantity": "-1", "unit_price": "0"}, "cancellation"),
        ({"invoice": "A1", "quantity": "-1", "unit_price": "-5"}, "adjustment"),
        ({"quantity": "0", "unit_price": "0"}, "quantity"),
        ({"quantity": "-3"}, "quantity"),
        ({"unit_price": "0"}, "price"),
        ({"unit_price": "-11062.06"}, "price"),
    ],
)
def test_the_first_reason_counts(write, fields, reason):
    retail = load(write(row(**fields), row()))
    assert retail.skipped == dict.fromkeys(("cancellation", "adjustment", "quantity", "price"), 0) | {reason: 1}
    assert retail.line_count == 1


BAD_FIELDS = {
    "quantity": ["", "abc", "6.5", "1_000", "٦", "NaN", " 6", "1e3", "1000001", "9" * 30],
    "unit_price": ["", "abc", "NaN", "Infinity", "1e3", "2,55", "£2.55", "0.00001", "1000000.01", "1_0"],
    "invoice_date": [
        "",
        "yesterday",
        "2010-13-01T08:26",
        "01/12/2010 08:26",
        "2010-12-01",
        "2010-12-01T08:26Z",
        "2010-12-01T08:26:99",
    ],
    "stock_code": ["", " ", "X" * 101, "A\tB"],
    "invoice": ["", "1" * 101],
    "customer_id": [" ", "C" * 101],
}


@pytest.mark.parametrize(
    ("column", "value"), [(column, value) for column, values in BAD_FIELDS.items() for value in values]
)
def test_a_bad_field_is_named_with_its_line(write, column, value):
    file = write(row(), row(**{column: f'"{value}"'}))
    with pytest.raises(ValueError, match=rf"retail\.csv, line 3, column '?{column}") as error:
        load(file)
    assert "needed" in str(error.value) or "allowed" in str(error.value)


def test_what_is_skipped_is_not_looked_at_any_further(write):
    assert load(write(row(), row(invoice="C2", quantity="abc", invoice_date="?"))).skipped["cancellation"] == 1


@pytest.mark.parametrize("line", ["536365", row() + ",more", "a,b,c"])
def test_a_line_of_another_length_is_named(write, line):
    with pytest.raises(ValueError, match=r"retail\.csv, line 3, \d fields: the header has 8"):
        load(write(row(), line))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("hello", "has no column invoice, stock_code, description, quantity, invoice_date, unit_price, customer_id"),
        (HEADER.replace("quantity", "Menge"), "has no column quantity: its first line is .* --columns quantity=HEADER"),
        (HEADER + ",quantity", "has the column quantity more than once"),
    ],
)
def test_a_wrong_header_is_named(write, header, message):
    with pytest.raises(ValueError, match=rf"retail\.csv {message}"):
        load(write(row(), header=header))


def test_columns_may_come_in_any_order_and_blank_lines_are_no_rows(write):
    names = list(reversed(ROW))
    file = write("", ",".join(ROW[name] for name in names), "", header="\ufeff" + ",".join(names))
    assert load(file).revenue == Decimal("15.30")


@pytest.mark.parametrize(
    ("name", "opener"), [("a.csv.gz", gzip.open), ("a.csv.xz", lzma.open), ("a.csv.XZ", lzma.open)]
)
def test_compressed_files_are_read(tmp_path, name, opener):
    with opener(tmp_path / name, "wt") as file:
        file.write(f"{HEADER}\n{row()}\n")
    assert load(tmp_path / name).line_count == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty: a first line with the columns invoice,"),
        ("a.csv", b"\xff\xfe\x00", "is not a text in utf-16"),
        ("a.csv", WEEK.read_bytes(), "is no text in UTF-8, .*: CSV is read, .xlsx .* if the name ends so"),
        ("a.csv", f'{HEADER}\n{row()}\n"never closed'.encode(), "line 3: not CSV: unexpected end of data"),
        ("a.csv", f"{HEADER}\n{'x' * 200_000}".encode(), "line 2: not CSV: field larger than"),
        ("a.csv.xz", b"", "is damaged or not a .xz file"),
        ("a.csv.xz", f"{HEADER}\n{row()}\n".encode(), "is damaged or not a .xz file"),
        ("a.csv.xz", WEEK.read_bytes()[:30_000], "is damaged or not a .xz file"),
        ("a.csv.xz", WEEK.read_bytes()[:-40] + b"\0" * 40, "is damaged or not a .xz file"),
        ("a.csv.gz", b"no gzip", "is damaged or not a .gz file"),
        ("a.csv.gz", gzip.compress(WEEK.read_bytes())[:5_000], "is damaged or not a .gz file|not a text"),
        ("a.csv", f"{HEADER}\n".encode(), "has no order: 0 rows were skipped"),
        ("a.csv", f"{HEADER}\n{row(invoice='C1')}\n".encode(), r"has no order: 1 rows were skipped \(cancellation 1\)"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        load(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.csv"):
        load(tmp_path / "none.csv")


def test_an_invoice_too_long_for_a_record_is_named(write):
    with pytest.raises(ValueError, match=r"invoice '536365' has 1501 lines: at most 1500"):
        load(write(*[row()] * 1501))


@pytest.mark.parametrize("ratio", ["0", "0.3", "0.9", "1", "2.5"])
def test_opening_stock_is_the_demand_times_the_ratio_rounded_down(week, reference, ratio):
    units = reference[0].groupby("stock_code")["quantity"].sum()
    opening = {product.product_id: product.opening for product in week.catalogue(Decimal(ratio)).values()}
    tenths = int(Decimal(ratio) * 10)
    assert opening == {product: floor(tenths * int(count) / 10) for product, count in units.items()}


@pytest.mark.parametrize("ratio", ["-0.1", "NaN", "Infinity", "1001"])
def test_a_ratio_that_makes_no_sense_is_refused(week, ratio):
    with pytest.raises(ValueError, match=f"stock ratio is {ratio}: a number from 0 to 1,000 is allowed"):
        week.catalogue(Decimal(ratio))


def test_the_catalogue_has_the_latest_price_and_a_name_where_there_is_one(write):
    retail = load(
        write(
            row(invoice="2", invoice_date="2011-01-01T00:00", unit_price="3.00", description=""),
            row(invoice="1"),
            row(invoice="1", stock_code="POST", description=""),
        )
    )
    product, post = retail.catalogue().values()
    assert (product.name, product.price, product.opening) == ("T-LIGHT HOLDER", Decimal("3.00"), 12)
    assert (post.name, post.price) == ("POST", Decimal("2.55"))


def test_products_live_in_three_warehouses_and_stay_there(week):
    """Stable from process to process, and no warehouse has much more than its third."""
    homes = [product.warehouse_id for product in week.catalogue().values()]
    assert {home: round(homes.count(home) / len(homes), 1) for home in set(homes)} == dict.fromkeys(WAREHOUSES, 0.3)
    code = "from ecomkafka.retail.invoices import warehouse_of; print(warehouse_of('85123A'))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert other.stdout.strip() == warehouse_of("85123A")


def test_a_limit_takes_the_first_orders_and_what_they_ask_for(week):
    some = week.first(10)
    assert some.orders == week.orders[:10]
    assert set(some.catalogue()) == {line.product_id for order in week.orders[:10] for line in order.lines}
    assert week.first(1_000_000).orders == week.orders


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(week, limit):
    with pytest.raises(ValueError, match=f"limit is {limit}: a number of orders, 1 or more, is allowed"):
        week.first(limit)
