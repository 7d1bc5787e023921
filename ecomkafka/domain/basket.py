"""What a customer asks for, checked before anything is sent: a ValueError names item, field and what is allowed."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from ecomkafka.messages import Item, Line, check_money

MAX_QUANTITY = 1_000_000
MAX_PRICE = Decimal(1_000_000)
MAX_LINES = 1_500
"""An order is one record, and a record has to fit into the broker's limit of 1 MiB."""

FIELDS = ("product_id", "quantity", "price")


class Offer(Protocol):
    """What the basket must know of a product."""

    @property
    def price(self) -> Decimal: ...

    @property
    def warehouse_id(self) -> str: ...


def lines_of(items: Any, offers: Mapping[str, Offer]) -> tuple[Line, ...]:
    """The lines for `items`: dicts with `product_id`, `quantity` and, if not the catalogue's, `price`."""
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise ValueError(f"items is {items!r:.80}: a list of {{'product_id': …, 'quantity': …, 'price': …}} is needed")
    lines = tuple(_line(number, item, offers) for number, item in enumerate(items, start=1))
    if not 1 <= len(lines) <= MAX_LINES:
        raise ValueError(f"items has {len(lines)} entries: an order needs 1 to {MAX_LINES} items")
    return lines


def _line(number: int, item: Any, offers: Mapping[str, Offer]) -> Line:
    if not isinstance(item, Mapping):
        raise ValueError(f"item {number} is {item!r:.80}: a dict with 'product_id' and 'quantity' is needed")
    if unknown := sorted(map(str, item.keys() - set(FIELDS))):
        raise ValueError(f"item {number}: unknown field {unknown[0]!r:.80}: {', '.join(FIELDS)} are allowed")
    product_id = item.get("product_id")
    if not isinstance(product_id, str) or product_id not in offers:
        known = ", ".join(sorted(offers)[:5]) + (", …" if len(offers) > 5 else "")
        raise ValueError(
            f"item {number}: product_id is {product_id!r:.80}: a product of the catalogue is needed ({known})"
        )
    quantity = item.get("quantity")
    # bool is an int in Python, but True laptops are a mistake.
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= MAX_QUANTITY:
        raise ValueError(
            f"item {number} ({product_id}): quantity is {quantity!r:.80}: "
            f"a whole number from 1 to {MAX_QUANTITY:,} is allowed"
        )
    price = item.get("price", offers[product_id].price)
    return Line(product_id=product_id, quantity=quantity, price=_price(f"item {number} ({product_id}): price", price))


def _price(name: str, price: Any) -> Decimal:
    """A price as Decimal; a float counts as what Python prints for it, so 999.99 is 999.99."""
    if isinstance(price, bool) or not isinstance(price, int | float | str | Decimal):
        raise ValueError(f"{name} is {price!r:.80}: a number or a decimal string is needed, for example '999.99'")
    try:
        amount = Decimal(str(price))
    except InvalidOperation:
        raise ValueError(f"{name} is {price!r:.80}: a decimal number is needed, for example '999.99'") from None
    check_money(name, amount)
    if amount > MAX_PRICE:
        raise ValueError(f"{name} is {price!r:.80}: at most {MAX_PRICE:,} is allowed")
    return amount


def identifier(name: str, value: Any) -> str:
    """`value` if it can name a customer or an order: 1 to 100 printable characters without a space at either end."""
    if not isinstance(value, str) or not re.fullmatch(r"\S(.{0,98}\S)?", value) or not value.isprintable():
        raise ValueError(f"{name} is {value!r:.80}: 1 to 100 printable characters are allowed, no space at either end")
    return value


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
