"""What the shop sells: products, prices, warehouses and the opening stock. Every product lives in one warehouse."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ecomkafka.domain.basket import identifier, price_of, whole
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
                f"{product_id}: opening is {self.opening!r:.80}: a whole number from 0 to {MAX_UNITS:,} is allowed"
            )
        object.__setattr__(self, "product_id", product_id)
        object.__setattr__(self, "price", price_of(f"{product_id}: price", self.price))
        object.__setattr__(self, "warehouse_id", identifier(f"{product_id}: warehouse_id", self.warehouse_id))
        object.__setattr__(self, "opening", opening)


class Catalogue(dict[str, Product]):
    """Products by id; their prices are in `currency` (ISO 4217)."""

    def __init__(self, products: Iterable[Product], currency: str = "EUR") -> None:
        self.currency = currency
        super().__init__((product.product_id, product) for product in products)

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
