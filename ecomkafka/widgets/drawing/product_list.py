"""The catalogue as a list to order from: a search field, and a row with price, stock and quantity per product."""

from collections.abc import Callable, Mapping
from html import escape

from ipywidgets import HTML, HBox, IntText, Layout, Text, VBox  # type: ignore[import-untyped]

from ecomkafka.catalogue import Product
from ecomkafka.domain.basket import lines_of

MOST = 10
"""So many of the products that match the search have a row."""


class ProductRow:
    """One product: price and stock, how many, and what is wrong with that."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.quantity = IntText(
            description=product.name,
            tooltip=f"How many of {product.name}",
            style={"description_width": "9em"},
            layout=Layout(width="15em"),
        )
        self.facts, self.error = HTML(), HTML()
        self.widget = HBox([self.quantity, self.facts, self.error])

    def show(self, available: int | None) -> None:
        facts = f"{self.product.price} each, {{}}, {escape(self.product.warehouse_id)}"
        if available is None:
            self.facts.value = facts.format("stock not known yet")
        else:
            most = max(self.product.opening, available, 1)
            bar = f'<meter min="0" max="{most}" low="{most / 10}" value="{available}" aria-hidden="true"></meter>'
            self.facts.value = f"{bar} {facts.format(f'{available} in stock')}"

    def problem(self, catalogue: Mapping[str, Product]) -> str:
        """What is wrong with the quantity, or nothing: the service's own check says it."""
        if not self.quantity.value:
            return ""
        try:
            lines_of([{"product_id": self.product.product_id, "quantity": self.quantity.value}], catalogue)
        except ValueError as error:
            return str(error).removeprefix(f"item 1 ({self.product.product_id}): ")
        return ""


class ProductList:
    """The rows of the products that match the search, the first ten, and of those that are in the basket.

    `changed` is called when a quantity changes, `shown` for each row that comes into view.
    """

    def __init__(
        self, catalogue: Mapping[str, Product], changed: Callable[[], object], shown: Callable[[ProductRow], object]
    ) -> None:
        self._catalogue, self._changed, self._shown = catalogue, changed, shown
        self._rows: dict[str, ProductRow] = {}
        """Rows are made when they are first shown: two thousand fields would block a page."""
        self.rows: list[ProductRow] = []
        self.search = Text(
            description="Search",
            placeholder="name, id or warehouse",
            tooltip=f"Show the first {MOST} products that match",
            layout=Layout(display="flex" if len(catalogue) > MOST else "none"),
        )
        self.hidden = HTML()
        self._box = VBox()
        self.widget = VBox([self.search, self._box, self.hidden])
        self.search.observe(lambda change: self._find(), "value")
        self._find()

    @property
    def wanted(self) -> list[ProductRow]:
        """The rows with a quantity, also those that the search hides."""
        return [row for row in self._rows.values() if row.quantity.value]

    def _find(self) -> None:
        words = self.search.value.casefold().split()
        found = [product for product in self._catalogue.values() if all(word in _text(product) for word in words)]
        self.rows = [self._row(product) for product in found[:MOST]]
        self.rows += [row for row in self.wanted if row not in self.rows]
        self._box.children = [row.widget for row in self.rows]
        more = len(found) - MOST
        self.hidden.value = f"{more:,} more match: search for a part of the name." if more > 0 else ""
        if not found:
            self.hidden.value = f"No product matches <b>{escape(self.search.value)}</b>."

    def _row(self, product: Product) -> ProductRow:
        row = self._rows.get(product.product_id)
        if row is None:
            row = self._rows[product.product_id] = ProductRow(product)
            row.quantity.observe(lambda change: self._changed(), "value")
        self._shown(row)
        return row


def _text(product: Product) -> str:
    """What the search looks at."""
    return f"{product.product_id} {product.name} {product.warehouse_id}".casefold()
