"""The body of an order request, validated before anything is sent: all wrong fields are named at once.

A client chooses products and quantities. The price is the catalogue's: who could choose it would pay a cent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from ecomkafka.catalogue import Catalogue
from ecomkafka.domain.basket import MAX_LINES, MAX_QUANTITY, customer, lines_of, whole
from ecomkafka.http_api.problems import FieldError, problem

FIELDS = ("customer_id", "items")
ITEM_FIELDS = ("product_id", "quantity")


class Wanted(NamedTuple):
    """So many units of a product."""

    product_id: str
    quantity: int


@dataclass(frozen=True)
class OrderForm:
    """An order as a client writes it, and nothing wrong with it."""

    customer_id: str
    items: tuple[Wanted, ...]

    def request(self, order_id: str, caller: str | None = None) -> dict[str, Any]:
        """What `OrderService.create_orders` takes; `caller`: the trace that it continues (traceparent)."""
        return {
            "order_id": order_id,
            "customer_id": self.customer_id,
            "items": [item._asdict() for item in self.items],
            "traceparent": caller,
        }


class UnknownProduct(NamedTuple):
    """All is well with its form; only there is no such product."""

    pointer: str
    detail: str


def read_form(body: bytes, catalogue: Catalogue) -> OrderForm:
    """The order in `body`. Raises 400 where the form is wrong, 422 where only a product is unknown."""
    try:
        form = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise problem(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from None
    found = list(_errors(form, catalogue))
    wrong = [error for error in found if isinstance(error, FieldError)]
    if wrong:
        detail = f"{len(found)} thing(s) are wrong with this order: nothing was ordered"
        raise problem(HTTPStatus.BAD_REQUEST, detail, [FieldError(*_both(error)) for error in found])
    if found:
        detail = f"{len(found)} product(s) are not in the catalogue: GET /products lists it"
        raise problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, [FieldError(*_both(error)) for error in found])
    return OrderForm(form["customer_id"], tuple(Wanted(**item) for item in form["items"]))


def _both(error: FieldError | UnknownProduct) -> tuple[str, str]:
    return error.pointer, error.detail


def _errors(form: Any, catalogue: Catalogue) -> Iterator[FieldError | UnknownProduct]:
    if not isinstance(form, dict):
        yield FieldError("#", "an object with 'customer_id' and 'items' is needed")
        return
    yield from _unknown_fields("#", form, FIELDS)
    yield from _customer(form.get("customer_id"))
    items = form.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_LINES:
        yield FieldError("#/items", f"items: a list of 1 to {MAX_LINES:,} items is needed")
        return
    found = [error for number, item in enumerate(items) for error in _item(f"#/items/{number}", item, catalogue)]
    yield from found
    if not found:
        try:
            lines_of(items, catalogue)  # what concerns all lines together
        except ValueError as error:
            yield FieldError("#/items", str(error))


def _customer(customer_id: Any) -> Iterator[FieldError]:
    try:
        customer(customer_id)
    except ValueError as error:
        yield FieldError("#/customer_id", str(error))


def _item(pointer: str, item: Any, catalogue: Catalogue) -> Iterator[FieldError | UnknownProduct]:
    if not isinstance(item, dict):
        yield FieldError(pointer, f"item is {item!r:.80}: an object with 'product_id' and 'quantity' is needed")
        return
    yield from _unknown_fields(pointer, item, ITEM_FIELDS)
    product_id, quantity = item.get("product_id"), item.get("quantity")
    if not isinstance(product_id, str):
        yield FieldError(f"{pointer}/product_id", f"product_id is {product_id!r:.80}: the id of a product is needed")
    elif product_id not in catalogue:
        yield UnknownProduct(
            f"{pointer}/product_id", f"product_id is {product_id!r:.80}: the catalogue has no such product"
        )
    number = whole(quantity)
    if number is None or not 1 <= number <= MAX_QUANTITY:
        yield FieldError(
            f"{pointer}/quantity",
            f"quantity is {quantity!r:.80}: a whole number from 1 to {MAX_QUANTITY:,} is allowed",
        )


def _unknown_fields(pointer: str, found: dict[str, Any], allowed: tuple[str, ...]) -> Iterator[FieldError]:
    for name in sorted(found.keys() - set(allowed)):
        escaped = quote(name[:80].replace("~", "~0").replace("/", "~1"))
        yield FieldError(f"{pointer}/{escaped}", f"unknown field {name!r:.80}: {', '.join(allowed)} are allowed")
