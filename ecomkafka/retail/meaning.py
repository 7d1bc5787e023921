"""What a row's texts say, by the same checks as the shop's own client: what `create_orders` refuses is refused here."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ecomkafka.domain.basket import MAX_PRICE, MAX_QUANTITY, event_time, identifier
from ecomkafka.domain.mail_text import address
from ecomkafka.messages import Line
from ecomkafka.retail.dates import Dates, moment, trouble
from ecomkafka.retail.invoices import GUEST
from ecomkafka.retail.numbers import number, whole

DECIMALS = 4
_ZEROS = re.compile(rf"(\.\d{{{DECIMALS}}})0+\Z")
"""Those beyond DECIMALS say nothing: databases write 2.550000."""

Key = tuple[str, str, str]
"""Stock code, quantity and price of a row, as the file has them."""

MISSING = frozenset(("", "NA", "N/A", "n/a", "nan", "NaN", "<NA>", "NULL", "null", "None", "\\N", "-"))
"""What R, pandas and databases write where there is nothing."""

_NOT_COMPUTED = re.compile(r"=.*|#(?:N/A|NV|[A-Z/0]+[!?])")
"""A spreadsheet's formula, or what it shows where one failed."""


class BadRowError(ValueError):
    """A row that can't be read; the caller knows where it is."""


class _Known(dict[Any, Any]):
    """Values repeat, so each is parsed once: that is what makes it fast."""

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: Any) -> Any:
        self[text] = parsed = self._parse(text)
        return parsed


class Meaning:
    """What a table's texts say. Each part raises BadRowError."""

    def __init__(self, mark: str | None, order: Dates) -> None:
        self._mark, self._order = mark, order
        self._now = datetime.now(UTC)
        self.lines: dict[Key, Line | str] = _Known(self._line)
        """By key, the line, or why it is skipped."""
        self.moments: dict[str, datetime] = _Known(self._moment)
        self.customers: dict[str, str] = _Known(_customer)

    def _line(self, key: Key) -> Line | str:
        code, quantity, price = key
        text = self._number("quantity", quantity)
        if text is None or Decimal(text) % 1:
            raise BadRowError(f"column 'quantity': {quantity!r:.80}: a whole number is needed, for example 6")
        if (units := int(Decimal(text))) <= 0:
            return "quantity"
        text = self._number("unit_price", price)
        if text is None or len(text.partition(".")[2]) > DECIMALS:
            example = f"a number with at most {DECIMALS} decimals is needed, for example 2{self._mark or '.'}55"
            raise BadRowError(f"column 'unit_price': {price!r:.80}: {example}")
        if (amount := Decimal(text)) <= 0:
            return "price"
        if units > MAX_QUANTITY:
            raise BadRowError(f"column 'quantity': {quantity!r:.80}: at most {MAX_QUANTITY:,} is allowed")
        if amount > MAX_PRICE:
            raise BadRowError(f"column 'unit_price': {price!r:.80}: at most {MAX_PRICE:,} is allowed")
        return Line(product_id=named("stock_code", code), quantity=units, price=amount)

    def _number(self, column: str, text: str) -> str | None:
        try:
            found = number(text, self._mark)
        except ValueError as error:
            raise BadRowError(f"column {column!r}: {text!r:.80}: {error}") from None
        return _ZEROS.sub(r"\1", found) if found and found.endswith("0") else found

    def _moment(self, text: str) -> datetime:
        if (at := moment(text, self._order)) is None:
            example = "1/12/2010 8:26" if self._order is Dates.DAY_FIRST else "12/1/2010 8:26"
            raise BadRowError(
                f"column 'invoice_date': {text!r:.80}: {trouble(text)}London's local time is needed, for example "
                f"2010-12-01T08:26 or, {self._order}, {example}"
            )
        try:
            return event_time(at, self._now)
        except ValueError as error:
            raise BadRowError(f"column 'invoice_date': {text!r:.80}: {str(error).partition(': ')[2]}") from None


def _customer(text: str) -> str:
    if text in MISSING:
        return GUEST
    customer_id = named("customer_id", text)
    try:
        address(customer_id)
    except ValueError as error:
        raise BadRowError(f"column {str(error).replace(' ', ': ', 1)}") from None
    return customer_id


def named(column: str, text: str) -> str:
    """The text, if it can name something. Raises BadRowError."""
    if _NOT_COMPUTED.fullmatch(text):
        raise BadRowError(
            f"column {column}: {text!r:.80}: a spreadsheet's formula or error, where a name is needed: mend it there"
        )
    if text in MISSING:
        raise BadRowError(f"column {column}: {text!r}: a name is needed, 1 to 100 printable characters")
    try:
        text = whole(text)
    except ValueError as error:
        raise BadRowError(f"column {column}: {text!r:.80}: {error}") from None
    try:
        return identifier(column, text)
    except ValueError as error:
        raise BadRowError(f"column {str(error).replace(' is ', ': ', 1)}") from None
