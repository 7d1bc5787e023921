"""The reader of a retailer's invoices: strict, and exact to the penny."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from pathlib import Path

from ecomkafka.domain.basket import MAX_LINES
from ecomkafka.messages import MAX_UNITS, Line, check_money
from ecomkafka.retail.columns import check_columns, places
from ecomkafka.retail.csv_and_excel import tables
from ecomkafka.retail.dates import Dates, order_of_dates
from ecomkafka.retail.invoices import Retail, RetailOrder
from ecomkafka.retail.meaning import MISSING, BadRowError, Key, Meaning, named
from ecomkafka.retail.numbers import decimal_mark
from ecomkafka.retail.repeats import Repeats, Row
from ecomkafka.retail.table import Table

REASONS = ("cancellation", "adjustment", "quantity", "price")
"""Why a row is skipped, in the order in which they are tested; what is not needed to tell is not looked at.

`copy`, of an invoice that the file has twice, is told only where there are some: it comes after the adjustments.
"""

_LETTERS = {"C": "cancellation", "A": "adjustment"}
"""What Online Retail writes before an invoice's digits."""


def load(file: Path | str, columns: Mapping[str, str] | None = None, dates: Dates | None = None) -> Retail:
    """The orders in `file`: CSV or Excel, plain or packed (.gz, .xz, .bz2, .zip with one table).

    `columns`: by name in COLUMNS, the file's header of a column that is called otherwise. `dates`: which part of a
    date is the day, where no date of the file tells. An invoice of C or A and digits is skipped, as cancellation or
    adjustment of Online Retail, unless `columns` maps the invoices: another shop's letters mean something else.
    Raises ValueError that names file, line, column, value and what is allowed; OSError if the file can't be opened.
    """
    path = Path(file)
    check_columns(columns or {})
    invoices = _Invoices(columns or {}, dates)
    with tables(path) as found:
        for table in found:
            invoices.read(table)
    return invoices.retail(path)


@dataclass
class _Texts:
    """The file's numbers, and its dates each with its first place: they tell how both are written."""

    keys: dict[Key, Key] = field(default_factory=dict)
    times: dict[str, tuple[str, int]] = field(default_factory=dict)
    other_numbers: set[str] = field(default_factory=set)
    """Those of cancellations and adjustments: asked only where the rows that count don't tell."""
    other_times: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass
class _Order:
    where: str
    customer_id: str
    at: datetime
    lines: list[Line]


class _Invoices:
    """What the rows add up to. How numbers and dates are written is decided by the whole file, so it is read first."""

    def __init__(self, columns: Mapping[str, str], dates: Dates | None) -> None:
        self._columns, self._dates = columns, dates
        self.skipped = dict.fromkeys(REASONS, 0)
        self._texts = _Texts()
        self._tables: list[tuple[Table, list[Row]]] = []
        self._orders: dict[str, _Order] = {}
        self._names: dict[str, str] = {}
        self._demand: dict[str, int] = {}
        self._repeats = Repeats()

    def read(self, table: Table) -> None:
        """Take in all rows of a table."""
        self._tables.append((table, list(self._counting(table, self._texts))))

    def _understand(self) -> None:
        """Make orders of the rows of all tables."""
        texts = self._texts
        order = order_of_dates(texts.times, self._dates, texts.other_times)
        numbers = {text for key in texts.keys for text in key[1:]}
        mark = decimal_mark(numbers, self._tables[0][0].separator, texts.other_numbers)
        meaning = Meaning(mark, order)
        for table, rows in self._tables:
            once = self._repeats.without(table.where, rows)
            if copies := len(rows) - len(once):
                self.skipped["copy"] = self.skipped.get("copy", 0) + copies
            for row in once:
                try:
                    self._add(row, meaning, table.where)
                except BadRowError as error:
                    raise ValueError(f"{table.where}, line {row[-1]}, {error}") from None

    def _counting(self, table: Table, texts: _Texts) -> Iterator[Row]:
        """The rows but for cancellations and adjustments; what numbers and dates look like goes into `texts`."""
        pick, width = itemgetter(*places(table.where, table.header, self._columns)), len(table.header)
        letters = {} if "invoice" in self._columns else _LETTERS
        once = dict[str, str]().setdefault  # a million texts, of which most are the same
        for line, row in table.rows:
            if len(row) != width or not row[0]:
                if not any(map(str.strip, row)):
                    continue
                if len(row) != width:
                    raise ValueError(
                        f"{table.where}, line {line}, {len(row)} fields: the header has {width}: quote a text with a "
                        f"{table.separator!r} in it, delete a line of totals or notes, give each column a header"
                    )
            invoice, code, name, quantity, time, price, customer = pick(row)
            if (reason := letters.get(invoice[:1])) and invoice[1:].isdecimal():
                self.skipped[reason] += 1
                texts.other_numbers.update((quantity, price))
                texts.other_times.setdefault(time, (table.where, line))
                continue
            key = (code, quantity, price)
            texts.times.setdefault(time, (table.where, line))
            key = texts.keys.setdefault(key, key)
            yield once(invoice, invoice), key, once(name, name), once(time, time), customer, line

    def _add(self, row: Row, meaning: Meaning, where: str) -> None:
        invoice, key, name, time, customer, number = row
        line = meaning.lines[key]
        if isinstance(line, str):
            self.skipped[line] += 1
            return
        product = line.product_id
        if product not in self._names and name not in MISSING:
            self._names[product] = name
        units = self._demand[product] = self._demand.get(product, 0) + line.quantity
        if units > MAX_UNITS:
            raise BadRowError(
                f"column 'quantity': {key[1]!r:.80}: with it {units:,} of {product} are asked for: "
                f"at most {MAX_UNITS:,} of a product are allowed in a file"
            )
        at, customer_id = meaning.moments[time], meaning.customers[customer]
        if (order := self._orders.get(invoice)) is None:
            new = _Order(f"{where}, line {number}", customer_id, at, [])
            order = self._orders.setdefault(named("invoice", invoice), new)
        order.lines.append(line)

    def retail(self, path: Path) -> Retail:
        """The orders of all tables. Raises ValueError if there is none, or one that no message can hold."""
        self._understand()
        if not self._orders:
            why = ", ".join(f"{reason} {count}" for reason, count in self.skipped.items() if count)
            raise ValueError(
                f"{path} has no order: {sum(self.skipped.values())} rows were skipped{why and f' ({why})'}: "
                "a row with a quantity and a price above 0 is needed"
            )
        orders = [_order(invoice, read) for invoice, read in self._orders.items()]
        orders.sort(key=lambda order: order.at)
        return Retail(tuple(orders), {p: str(self._names.get(p, p)) for p in self._demand}, self.skipped)


def _order(invoice: str, read: _Order) -> RetailOrder:
    where, count = f"{read.where}, invoice {invoice!r}", len(read.lines)
    if count > MAX_LINES:
        raise ValueError(f"{where} has {count} lines: at most {MAX_LINES} are allowed")
    order = RetailOrder(invoice, read.customer_id, read.at, tuple(read.lines))
    check_money(f"{where}, columns 'quantity' and 'unit_price': the total", order.total)
    return order
