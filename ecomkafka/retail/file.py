"""The reader of a retailer's invoices: strict, and exact to the penny."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

from ecomkafka.domain.basket import MAX_LINES, MAX_PRICE, MAX_QUANTITY, identifier
from ecomkafka.messages import Line
from ecomkafka.retail.columns import (
    Dates,
    check_columns,
    decimal_mark,
    moment,
    number,
    order_of_dates,
    places,
    without_zero,
)
from ecomkafka.retail.csv_and_excel import ENCODINGS, Table, WrongEncodingError, tables
from ecomkafka.retail.invoices import GUEST, Retail, RetailOrder

REASONS = ("cancellation", "adjustment", "quantity", "price")
"""Why a row is skipped, in the order in which they are tested; what is not needed to tell is not looked at."""

DECIMALS = 4

Key = tuple[str, str, str]
"""Stock code, quantity and price of a row, as the file has them."""


def load(file: Path | str, columns: Mapping[str, str] | None = None, dates: Dates | None = None) -> Retail:
    """The orders in `file`: CSV or Excel, plain or packed (.gz, .xz, .bz2, .zip with one member).

    `columns`: by name in COLUMNS, the file's header of a column that is called otherwise. `dates`: which part of a
    date is the day, where no date of the file tells.
    Raises ValueError that names file, line, column, value and what is allowed; OSError if the file can't be opened.
    """
    path = Path(file)
    check_columns(columns or {})
    for encoding in ENCODINGS:
        invoices = _Invoices(columns or {}, dates)
        try:
            with tables(path, encoding) as found:
                for table in found:
                    invoices.read(table)
            break
        except WrongEncodingError:
            if encoding == ENCODINGS[-1]:
                raise
    return invoices.retail(path)


class _BadRowError(ValueError):
    """A row that can't be read; the caller knows where it is."""


_Row = tuple[str, Key, str, str, str, int]
"""Invoice, key, description, time, customer, and the number of the row's line in the file."""


class _Invoices:
    """What the rows add up to. How numbers and dates are written is decided by a whole table, so it is read first."""

    def __init__(self, columns: Mapping[str, str], dates: Dates | None) -> None:
        self._columns, self._dates = columns, dates
        self.skipped = dict.fromkeys(REASONS, 0)
        self._orders: dict[str, tuple[str, datetime, list[Line]]] = {}
        self._names: dict[str, str] = {}

    def read(self, table: Table) -> None:
        """Take in all rows of a table."""
        keys: dict[Key, Key] = {}
        times: dict[str, int] = {}
        rows = list(self._counting(table, keys, times))
        mark = decimal_mark({text for key in keys for text in key[1:]}, table.separator)
        meaning = _Meaning(mark, order_of_dates(table.where, times, self._dates))
        for row in rows:
            try:
                self._add(row, meaning)
            except _BadRowError as error:
                raise ValueError(f"{table.where}, line {row[-1]}, {error}") from None

    def _counting(self, table: Table, keys: dict[Key, Key], times: dict[str, int]) -> Iterator[_Row]:
        """The rows but for cancellations and adjustments; with each key, and the first line of each time."""
        pick, width = itemgetter(*places(table.where, table.header, self._columns)), len(table.header)
        once = dict[str, str]().setdefault  # a million texts, of which most are the same
        for line, row in table.rows:
            if len(row) != width or not row[0]:
                if not any(row):
                    continue
                if len(row) != width:
                    raise ValueError(f"{table.where}, line {line}, {len(row)} fields: the header has {width}")
            invoice, code, name, quantity, time, price, customer = pick(row)
            if invoice.startswith("C"):
                self.skipped["cancellation"] += 1
            elif invoice.startswith("A"):
                self.skipped["adjustment"] += 1
            else:
                key = (code, quantity, price)
                times.setdefault(time, line)
                yield (
                    once(invoice, invoice),
                    keys.setdefault(key, key),
                    once(name, name),
                    once(time, time),
                    customer,
                    line,
                )

    def _add(self, row: _Row, meaning: "_Meaning") -> None:
        invoice, key, name, time, customer, _ = row
        line = meaning.lines[key]
        if isinstance(line, str):
            self.skipped[line] += 1
            return
        if name and key[0] not in self._names:
            self._names[line.product_id] = name
        at, customer_id = meaning.moments[time], meaning.customers[customer]
        if invoice in self._orders:
            self._orders[invoice][2].append(line)
        else:
            self._orders.setdefault(named("invoice", invoice), (customer_id, at, []))[2].append(line)

    def retail(self, path: Path) -> Retail:
        if not self._orders:
            raise ValueError(f"{path} has no order: {sum(self.skipped.values())} rows were skipped {self.skipped}")
        for invoice, (_, _, lines) in self._orders.items():
            if len(lines) > MAX_LINES:
                raise ValueError(f"{path}, invoice {invoice!r} has {len(lines)} lines: at most {MAX_LINES} are allowed")
        orders = [
            RetailOrder(order_id, customer_id, at, tuple(lines))
            for order_id, (customer_id, at, lines) in self._orders.items()
        ]
        orders.sort(key=lambda order: order.at)
        products = {line.product_id for order in orders for line in order.lines}
        return Retail(tuple(orders), {p: self._names.get(p, p) for p in products}, self.skipped)


class _Known(dict[Any, Any]):
    """Values repeat, so each is parsed once: that is what makes it fast."""

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: Any) -> Any:
        self[text] = parsed = self._parse(text)
        return parsed


class _Meaning:
    """What a table's texts say. Each part raises _BadRowError."""

    def __init__(self, mark: str, order: Dates) -> None:
        self._mark, self._order = mark, order
        self.lines: dict[Key, Line | str] = _Known(self._line)
        """By key, the line, or why it is skipped."""
        self.moments: dict[str, datetime] = _Known(self._moment)
        self.customers: dict[str, str] = _Known(lambda text: named("customer_id", text) if text else GUEST)

    def _line(self, key: Key) -> Line | str:
        code, quantity, price = key
        text = number(quantity, self._mark)
        if text is None or Decimal(text) % 1:
            raise _BadRowError(f"column 'quantity': {quantity!r:.80}: a whole number is needed, for example 6")
        if (units := int(Decimal(text))) <= 0:
            return "quantity"
        text = number(price, self._mark)
        if text is None or len(text.partition(".")[2]) > DECIMALS:
            example = f"a number with at most {DECIMALS} decimals is needed, for example 2{self._mark}55"
            raise _BadRowError(f"column 'unit_price': {price!r:.80}: {example}")
        if (amount := Decimal(text)) <= 0:
            return "price"
        if units > MAX_QUANTITY:
            raise _BadRowError(f"column 'quantity': {quantity!r:.80}: at most {MAX_QUANTITY:,} is allowed")
        if amount > MAX_PRICE:
            raise _BadRowError(f"column 'unit_price': {price!r:.80}: at most {MAX_PRICE:,} is allowed")
        return Line(product_id=named("stock_code", code), quantity=units, price=amount)

    def _moment(self, text: str) -> datetime:
        if (at := moment(text, self._order)) is not None:
            return at
        example = "1/12/2010 8:26" if self._order is Dates.DAY_FIRST else "12/1/2010 8:26"
        raise _BadRowError(
            f"column 'invoice_date': {text!r:.80}: London's local time is needed, for example 2010-12-01T08:26 or, "
            f"{self._order}, {example}"
        )


def named(column: str, text: str) -> str:
    """The text, if it can name something. Raises _BadRowError."""
    try:
        return identifier(column, without_zero(text))
    except ValueError as error:
        raise _BadRowError(f"column {str(error).replace(' is ', ': ', 1)}") from None
