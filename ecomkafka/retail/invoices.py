"""A retailer's invoices as orders, and the catalogue that they need."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zlib import crc32

from ecomkafka.catalogue import DEFAULT, Catalogue, Product
from ecomkafka.messages import MAX_UNITS, Line

WEEK = Path(__file__).parents[1] / "data" / "online_retail_week.csv.xz"
"""One week of real invoices, 2011-08-08 to 2011-08-14; `data/README.md` says where they come from."""

WAREHOUSES = DEFAULT.warehouses
CURRENCY = "GBP"
"""The public data sets are of a shop in London."""
GUEST = "guest"
MAX_RATIO = 1_000


@dataclass(frozen=True, slots=True)
class RetailOrder:
    """One invoice. `at` (UTC) and customer are those of its first line; a product may be in several lines."""

    order_id: str
    customer_id: str
    at: datetime
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.price * line.quantity for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class Retail:
    """A file's orders in order of time (of the same time: in the file's order), and its skipped rows by reason."""

    orders: tuple[RetailOrder, ...]
    names: dict[str, str]
    """By product: the first description that it has in the file, or else its code."""
    skipped: dict[str, int]

    @property
    def line_count(self) -> int:
        return sum(len(order.lines) for order in self.orders)

    @property
    def revenue(self) -> Decimal:
        return sum((order.total for order in self.orders), Decimal(0))

    def demand(self) -> dict[str, int]:
        """Units that the orders ask for, by product."""
        units: dict[str, int] = {}
        for line in self._lines():
            units[line.product_id] = units.get(line.product_id, 0) + line.quantity
        return units

    def first(self, limit: int) -> "Retail":
        """Only the first `limit` orders; `skipped` stays that of the whole file."""
        if limit < 1:
            raise ValueError(f"limit is {limit}: a number of orders, 1 or more, is allowed")
        return replace(self, orders=self.orders[:limit])

    def catalogue(self, stock_ratio: Decimal = Decimal(1)) -> Catalogue:
        """The orders' products at their latest price, with `stock_ratio` times the units asked for, rounded down."""
        if not stock_ratio.is_finite() or not 0 <= stock_ratio <= MAX_RATIO:
            raise ValueError(f"stock ratio is {stock_ratio}: a number from 0 to {MAX_RATIO:,} is allowed")
        prices = {line.product_id: line.price for line in self._lines()}
        stock = {product: int(stock_ratio * units) for product, units in self.demand().items()}
        if over := next((product for product, units in stock.items() if units > MAX_UNITS), None):
            raise ValueError(
                f"stock ratio is {stock_ratio}: {stock[over]:,} of {over}: at most {MAX_UNITS:,} of one are allowed"
            )
        products = (
            Product(product, self.names[product], prices[product], warehouse_of(product), units)
            for product, units in stock.items()
        )
        return Catalogue(products, CURRENCY)

    def _lines(self) -> Iterable[Line]:
        return (line for order in self.orders for line in order.lines)


def warehouse_of(product_id: str) -> str:
    """The product's home, the same in every run: Python's own hash differs from process to process."""
    return WAREHOUSES[crc32(product_id.encode()) % len(WAREHOUSES)]
