"""What the shop sells: products, prices, warehouses and the opening stock. Every product lives in one warehouse."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ecomkafka.domain.basket import identifier, plain, price_of, shown, whole
from ecomkafka.messages import MAX_UNITS


@dataclass(frozen=True)
class Product:
    """`price` is for one unit; `opening` is how many units are there when the shop opens."""

    product_id: str
    name: str
    price: Decimal
    warehouse_id: str
    opening: int

    def __post_init__(self) -> None:
        """Take what pandas has for text and numbers; ValueError for what no message can hold."""
        product_id = identifier("product_id", self.product_id)
        opening = whole(self.opening)
        if opening is None or not 0 <= opening <= MAX_UNITS:
            raise ValueError(
                f"{product_id}: opening is {shown(self.opening)}: a whole number from 0 to {MAX_UNITS:,} is allowed"
            )
        object.__setattr__(self, "product_id", product_id)
        object.__setattr__(self, "name", _text(f"{product_id}: name", self.name))
        object.__setattr__(self, "price", price_of(f"{product_id}: price", self.price))
        object.__setattr__(self, "warehouse_id", _warehouse(f"{product_id}: warehouse_id", self.warehouse_id))
        object.__setattr__(self, "opening", opening)


def _warehouse(name: str, value: Any) -> str:
    """Raises ValueError for a name with a slash: in a key of the stock a slash ends the warehouse."""
    if "/" in (found := identifier(name, value)):
        raise ValueError(
            f"{name} is {shown(value)}: a name without '/' is needed, for example {found.replace('/', '-')!r}"
        )
    return found


def _text(name: str, value: Any) -> str:
    """Raises ValueError for half a character: nobody could write it."""
    if not isinstance(value, str) or re.search("[\ud800-\udfff]", value):
        raise ValueError(f"{name} is {shown(value)}: a text is needed")
    return plain(value)


class Catalogue(Mapping[str, Product]):
    """Products by id, which never change; their prices are in `currency` (ISO 4217).

    Raises ValueError for what is no currency's code, no product, or a second product of an id.
    """

    def __init__(self, products: Iterable[Product], currency: str = "EUR") -> None:
        if not isinstance(currency, str) or not re.fullmatch("[A-Z]{3}", currency):
            raise ValueError(f"currency is {shown(currency)}: three capital letters are needed, for example 'EUR'")
        self.currency = plain(currency)
        self._products: dict[str, Product] = {}
        if isinstance(products, str | bytes | Mapping) or not isinstance(products, Iterable):
            raise ValueError(f"products is {shown(products)}: a list of Products is needed")
        for number, product in enumerate(products, start=1):
            if not isinstance(product, Product):
                raise ValueError(f"product {number} is {shown(product)}: a Product is needed")
            if product.product_id in self._products:
                raise ValueError(
                    f"two products have the id {product.product_id!r}: each product needs an id of its own"
                )
            self._products[product.product_id] = product

    def __getitem__(self, product_id: str) -> Product:
        return self._products[product_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._products)

    def __len__(self) -> int:
        return len(self._products)

    def __repr__(self) -> str:
        return repr(self._products)

    @property
    def warehouses(self) -> tuple[str, ...]:
        return tuple(sorted({product.warehouse_id for product in self.values()}))


def check_places(places: Mapping[str, str], products: Mapping[str, Product]) -> None:
    """Raise ValueError if a product has another warehouse than in `places`, where its stock is kept: a move would split
    its books.
    """
    moved = sorted(name for name, product in products.items() if places.get(name, "") not in ("", product.warehouse_id))
    if moved:
        first, others = moved[0], f" ({len(moved) - 1} more are moved too)" if len(moved) > 1 else ""
        raise ValueError(
            f"product {first!r}: its stock is kept in warehouse {places[first]!r}, and the catalogue has it in "
            f"{products[first].warehouse_id!r}: keep the warehouse, or use another namespace{others}"
        )


DEFAULT = Catalogue(
    Product(product_id, name, Decimal(price), warehouse_id, opening)
    for product_id, name, price, warehouse_id, opening in (
        ("LAPTOP-001", "Laptop", "999.99", "WH-BERLIN", 50),
        ("MOUSE-001", "Mouse", "29.99", "WH-LONDON", 200),
        ("KEYBOARD-001", "Keyboard", "79.99", "WH-LONDON", 150),
        ("MONITOR-001", "Monitor", "299.99", "WH-BERLIN", 75),
        ("HEADSET-001", "Headset", "149.99", "WH-ROME", 100),
    )
)
