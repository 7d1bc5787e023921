"""A customer's basket, validated before anything is sent: a ValueError names item, field and what is allowed."""

import math
import operator
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from numbers import Real
from typing import Any, Protocol

from ecomkafka.domain.mail_text import address
from ecomkafka.domain.windows.closing_and_lateness import MAX_AHEAD
from ecomkafka.domain.windows.window import EPOCH
from ecomkafka.messages import EXACT, MAX_UNITS, Item, Line, check_money

MAX_QUANTITY = 1_000_000
MAX_PRICE = Decimal(1_000_000)
MAX_LINES = 1_500
"""An order is one record, and a record has to fit into the broker's limit of 1 MiB."""

FIELDS = ("product_id", "quantity", "price", "discount")


class Offer(Protocol):
    """What the basket must know of a product."""

    @property
    def price(self) -> Decimal: ...

    @property
    def warehouse_id(self) -> str: ...


def lines_of(items: Any, offers: Mapping[str, Offer]) -> tuple[Line, ...]:
    """The lines for `items`: dicts with `product_id`, `quantity` and, if wanted, `price` (else the catalogue's) and
    `discount`.
    """
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise ValueError(f"items is {shown(items)}: a list of {{'product_id': …, 'quantity': …, 'price': …}} is needed")
    lines = tuple(_line(number, item, offers) for number, item in enumerate(items, start=1))
    if not 1 <= len(lines) <= MAX_LINES:
        raise ValueError(f"items has {len(lines)} entries: an order needs 1 to {MAX_LINES} items")
    for product_id, units in _per_product(lines).items():
        if units > MAX_UNITS:
            raise ValueError(f"items: {units:,} of {product_id} in all lines: at most {MAX_UNITS:,} are allowed")
    return lines


def _per_product(lines: Iterable[Line]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        units[line.product_id] = units.get(line.product_id, 0) + line.quantity
    return units


def _line(number: int, item: Any, offers: Mapping[str, Offer]) -> Line:
    if not isinstance(item, Mapping):
        raise ValueError(f"item {number} is {shown(item)}: a dict with 'product_id' and 'quantity' is needed")
    if unknown := sorted(map(str, item.keys() - set(FIELDS))):
        raise ValueError(f"item {number}: unknown field {unknown[0]!r:.80}: {', '.join(FIELDS)} are allowed")
    product_id = item.get("product_id")
    if not isinstance(product_id, str) or product_id not in offers:
        known = ", ".join(sorted(offers)[:5]) + (", …" if len(offers) > 5 else "")
        raise ValueError(
            f"item {number}: product_id is {shown(product_id)}: a product of the catalogue is needed ({known})"
        )
    product_id = plain(product_id)
    quantity = whole(item.get("quantity"))
    if quantity is None or not 1 <= quantity <= MAX_QUANTITY:
        raise ValueError(
            f"item {number} ({product_id}): quantity is {shown(item.get('quantity'))}: "
            f"a whole number from 1 to {MAX_QUANTITY:,} is allowed"
        )
    price = item.get("price", offers[product_id].price)
    price = price_of(f"item {number} ({product_id}): price", price)
    discount = discount_of(
        f"item {number} ({product_id}): discount", item.get("discount", 0), EXACT.multiply(price, quantity)
    )
    return Line(product_id=product_id, quantity=quantity, price=price, discount=discount)


def shown(value: Any) -> str:
    """`value` as an error names it: at most 80 characters."""
    try:
        return f"{value!r:.80}"
    except ValueError:
        return "a number of too many digits"  # Python writes none of more than 4,300


def whole(value: Any) -> int | None:
    """A whole number of any library as int; None for anything else. True is an int in Python, and no number here."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def real(value: Any) -> float | None:
    """A finite number of any library as float; None for anything else, True among it."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def plain(text: str) -> str:
    """The same text as str itself: a library's own kind of str can't be encoded."""
    return str.__str__(text)


def price_of(name: str, price: Any) -> Decimal:
    """A price as Decimal; a float counts as what Python prints for it, so 999.99 is 999.99.

    Raises ValueError that begins with `name`.
    """
    if isinstance(price, bool) or not isinstance(price, Real | str | Decimal):
        raise ValueError(f"{name} is {shown(price)}: a number or a decimal string is needed, for example '999.99'")
    try:
        amount = Decimal(str(price))
    except (InvalidOperation, ValueError):
        raise ValueError(f"{name} is {shown(price)}: a decimal number is needed, for example '999.99'") from None
    check_money(name, amount)
    if amount > MAX_PRICE:
        raise ValueError(f"{name} is {shown(price)}: at most {MAX_PRICE:,} is allowed")
    return amount


def discount_of(name: str, discount: Any, amount: Decimal) -> Decimal:
    """What is taken off a line of `amount`. Raises ValueError that begins with `name`."""
    found = price_of(name, discount)
    if found > amount:
        raise ValueError(f"{name} is {shown(discount)}: at most the line's {amount:,} is allowed")
    return found


def identifier(name: str, value: Any) -> str:
    """`value` if it can name a customer or an order: 1 to 100 printable characters without a space at either end."""
    if not isinstance(value, str) or not re.fullmatch(r"\S(.{0,98}\S)?", value) or not value.isprintable():
        raise ValueError(f"{name} is {shown(value)}: 1 to 100 printable characters are allowed, no space at either end")
    return plain(value)


def customer(value: Any) -> str:
    """`value` if it can name a customer and has a mail address: who pays has to be told."""
    name = identifier("customer_id", value)
    address(name)
    return name


def event_time(at: Any, now: datetime) -> datetime:
    """`at` in UTC. Raises ValueError unless it is an aware datetime from 1970 to a day after `now`."""
    if not isinstance(at, datetime) or at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"at is {shown(at)}: a datetime with a time zone is needed, for example datetime.now(UTC)")
    try:
        moment = at.astimezone(UTC)
    except (OverflowError, ValueError):
        moment = None
    if moment is None or not EPOCH <= moment <= now + MAX_AHEAD:
        raise ValueError(f"at is {at!s:.80}: from 1970 to a day after {now.isoformat()} is allowed")
    return datetime.combine(moment.date(), moment.time(), UTC)  # pandas has a datetime of its own


def by_warehouse(lines: Iterable[Line], offers: Mapping[str, Offer]) -> dict[str, tuple[Item, ...]]:
    """What each warehouse has to reserve; two lines of one product become one item."""
    wanted: dict[str, dict[str, int]] = {}
    for line in lines:
        units = wanted.setdefault(offers[line.product_id].warehouse_id, {})
        units[line.product_id] = units.get(line.product_id, 0) + line.quantity
    return {
        warehouse: tuple(Item(product_id=product, quantity=quantity) for product, quantity in units.items())
        for warehouse, units in sorted(wanted.items())
    }
