"""Read a retailer's invoices from a CSV file: strict in what counts, and exact to the penny."""

import csv
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import IO, cast
from zoneinfo import ZoneInfo

from ecomkafka.domain.basket import MAX_LINES, MAX_PRICE, MAX_QUANTITY, identifier
from ecomkafka.messages import Line
from ecomkafka.retail import GUEST, Retail, RetailOrder

COLUMNS = ("invoice", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id")
"""The columns that are used; others, such as `country`, may be there."""

REASONS = ("cancellation", "adjustment", "quantity", "price")
"""Why a row is skipped, in the order in which they are tested; what is not needed to tell is not looked at."""

_LONDON = ZoneInfo("Europe/London")
_OPENERS: dict[str, Callable[..., IO[str]]] = {
    ".gz": cast("Callable[..., IO[str]]", gzip.open),
    ".xz": cast("Callable[..., IO[str]]", lzma.open),
}


def load(file: Path | str) -> Retail:
    """The orders in `file`: CSV, plain or compressed (.gz, .xz).

    Raises ValueError that names file, line, column, value and what is allowed; OSError if the file can't be opened.
    """
    path = Path(file)
    with _open(path) as stream, _readable(path):
        rows = csv.reader(stream, strict=True)
        invoices = _Invoices()
        try:
            invoices.read(rows, _header(path, rows))
        except _BadRowError as error:
            raise ValueError(f"{path}, line {rows.line_num}, {error}") from None
        except csv.Error as error:
            raise ValueError(f"{path}, line {rows.line_num}: not CSV: {error}") from error
    if not invoices.orders:
        raise ValueError(f"{path} has no order: {sum(invoices.skipped.values())} rows were skipped {invoices.skipped}")
    return invoices.retail(path)


class _BadRowError(ValueError):
    """A row that can't be read; the caller knows where it is."""


class _Invoices:
    """What the rows add up to. Values repeat, so each is parsed once: that is what makes it fast."""

    def __init__(self) -> None:
        self.skipped = dict.fromkeys(REASONS, 0)
        self.orders: dict[str, tuple[str, datetime, list[Line]]] = {}
        self._names: dict[str, str] = {}
        self._known: dict[tuple[str, str, str], Line | str] = {}
        self._times: dict[str, datetime] = {}
        self._customers: dict[str, str] = {"": GUEST}

    def read(self, rows: Iterator[list[str]], header: Sequence[str]) -> None:
        pick, width = itemgetter(*map(header.index, COLUMNS)), len(header)
        for row in rows:
            if len(row) != width:
                if not row:
                    continue
                raise _BadRowError(f"{len(row)} fields: the header has {width}")
            invoice, code, name, quantity, time, price, customer = pick(row)
            if invoice.startswith("C"):
                self.skipped["cancellation"] += 1
                continue
            if invoice.startswith("A"):
                self.skipped["adjustment"] += 1
                continue
            key = (code, quantity, price)
            line = self._known.get(key) or self._line(key)
            if isinstance(line, str):
                self.skipped[line] += 1
                continue
            if name and code not in self._names:
                self._names[code] = name
            at = self._times.get(time) or self._time(time)
            customer = self._customers.get(customer) or self._customer(customer)
            if invoice in self.orders:
                self.orders[invoice][2].append(line)
            else:
                self.orders[_named("invoice", invoice)] = (customer, at, [line])

    def retail(self, path: Path) -> Retail:
        for invoice, (_, _, lines) in self.orders.items():
            if len(lines) > MAX_LINES:
                raise ValueError(f"{path}, invoice {invoice!r} has {len(lines)} lines: at most {MAX_LINES} are allowed")
        orders = [RetailOrder(order_id, who, at, tuple(lines)) for order_id, (who, at, lines) in self.orders.items()]
        orders.sort(key=lambda order: order.at)
        products = {line.product_id for order in orders for line in order.lines}
        return Retail(tuple(orders), {p: self._names.get(p, p) for p in products}, self.skipped)

    def _line(self, key: tuple[str, str, str]) -> Line | str:
        """The line, or why it is skipped."""
        code, quantity, price = key
        self._known[key] = line = _line(code, quantity, price)
        return line

    def _time(self, text: str) -> datetime:
        self._times[text] = time = _time(text)
        return time

    def _customer(self, text: str) -> str:
        self._customers[text] = customer = _named("customer_id", text)
        return customer


def _line(code: str, quantity: str, price: str) -> Line | str:
    # Python's int and Decimal take more than a file should say: 1_000, NaN, 1E9.
    if not re.fullmatch(r"-?[0-9]{1,12}", quantity):
        raise _BadRowError(f"column 'quantity': {quantity!r:.80}: a whole number is needed, for example 6")
    if (units := int(quantity)) <= 0:
        return "quantity"
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,4})?", price):
        example = "a number with at most 4 decimals is needed, for example 2.55"
        raise _BadRowError(f"column 'unit_price': {price!r:.80}: {example}")
    if (amount := Decimal(price)) <= 0:
        return "price"
    if units > MAX_QUANTITY:
        raise _BadRowError(f"column 'quantity': {quantity!r}: at most {MAX_QUANTITY:,} is allowed")
    if amount > MAX_PRICE:
        raise _BadRowError(f"column 'unit_price': {price!r}: at most {MAX_PRICE:,} is allowed")
    return Line(product_id=_named("stock_code", code), quantity=units, price=amount)


def _time(text: str) -> datetime:
    """London's local time in UTC; of the hour that autumn repeats, the first."""
    try:
        local = datetime.strptime(text[:16].replace(" ", "T"), "%Y-%m-%dT%H:%M")
        if text[16:] and not re.fullmatch(r":[0-5][0-9]", text[16:]):
            raise ValueError(text)
    except ValueError:
        raise _BadRowError(
            f"column 'invoice_date': {text!r:.80}: London's local time is needed, for example 2010-12-01T08:26"
        ) from None
    return local.replace(second=int(text[17:] or 0), tzinfo=_LONDON).astimezone(UTC)


def _named(column: str, text: str) -> str:
    try:
        return identifier(column, text)
    except ValueError as error:
        raise _BadRowError(f"column {str(error).replace(' is ', ': ', 1)}") from None


def _header(path: Path, rows: Iterator[list[str]]) -> list[str]:
    header = next(rows, None)
    if header is None:
        raise ValueError(f"{path} is empty: a first line with the columns {', '.join(COLUMNS)} is needed")
    if missing := [column for column in COLUMNS if column not in header]:
        raise ValueError(f"{path} has no column {', '.join(missing)}: its first line is {','.join(header)!r:.200}")
    if twice := [column for column in COLUMNS if header.count(column) > 1]:
        raise ValueError(f"{path} has the column {', '.join(twice)} more than once")
    return header


def _open(path: Path) -> IO[str]:
    opener: Callable[..., IO[str]] = _OPENERS.get(path.suffix.lower(), open)
    return opener(path, "rt", encoding="utf-8-sig", newline="")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (lzma.LZMAError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{path} is damaged or not a {path.suffix} file: {error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text in UTF-8: {error.reason} ({error.object[error.start]:#04x})") from error
