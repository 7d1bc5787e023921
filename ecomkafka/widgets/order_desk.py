"""The order desk: a basket ordered by hand or a hundred at random, and what becomes of the orders."""

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from ipywidgets import HTML, Button, Checkbox, HBox, IntText, Layout, Text, VBox  # type: ignore[import-untyped]

from ecomkafka.catalogue import Product
from ecomkafka.domain.basket import identifier, lines_of
from ecomkafka.domain.order_view import CANCELLED, CONFIRMED, PENDING, OrderRow
from ecomkafka.gateways.payment import DECLINED_CUSTOMERS
from ecomkafka.shop import Shop
from ecomkafka.widgets.base_panel import Panel
from ecomkafka.widgets.drawing.markup import field_error, table

MANY = 100
SHOWN = 12
SIGNS = {PENDING: "⏳", CONFIRMED: "✅", CANCELLED: "❌"}

_COLUMNS = ("order", "customer", "total", "state", "why")


class ProductRow:
    """One product: price and stock, how many, and what is wrong with that."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.quantity = IntText(
            description=product.name,
            tooltip=f"How many of {product.name}",
            style={"description_width": "6em"},
            layout=Layout(width="12em"),
        )
        self.facts, self.error = HTML(), HTML()
        self.widget = HBox([self.quantity, self.facts, self.error])

    def show(self, available: int | None) -> None:
        stock = "stock not known yet" if available is None else f"{available} in stock"
        self.facts.value = f"{self.product.price} each, {stock}, {self.product.warehouse_id}"

    def problem(self, catalogue: Mapping[str, Product]) -> str:
        """What is wrong with the quantity, or nothing: the service's own check says it."""
        if not self.quantity.value:
            return ""
        try:
            lines_of([{"product_id": self.product.product_id, "quantity": self.quantity.value}], catalogue)
        except ValueError as error:
            return str(error).removeprefix(f"item 1 ({self.product.product_id}): ")
        return ""


class OrderDesk(Panel):
    """`desk = OrderDesk(shop)` as a cell's last line shows it."""

    title = "Order desk"

    def __init__(self, shop: Shop) -> None:
        self.customer = Text("customer-1", description="Customer", tooltip="Who orders")
        self.customer_error, self.basket_error = HTML(), HTML()
        self.rows = [ProductRow(product) for product in shop.catalogue.values()]
        self.total, self.orders = HTML(), HTML()
        self.decline = Checkbox(
            description="Decline payment",
            indent=False,
            tooltip=f"Orders go to the customer {DECLINED_CUSTOMERS}…, whose payments the gateway declines",
        )
        self.place = Button(description="Place order", button_style="primary", tooltip="Send this order to the shop")
        self.place_many = Button(
            description=f"Place {MANY} at random",
            tooltip=f"{MANY} orders of 1 to 3 products",
            layout=Layout(width="auto"),
        )
        self._random = Random(0)
        self._drawn = -1
        super().__init__(
            shop,
            HBox([self.customer, self.customer_error]),
            VBox([row.widget for row in self.rows]),
            self.total,
            HBox([self.place, self.place_many, self.decline]),
            self.basket_error,
            self.orders,
        )
        for field in (self.customer, self.decline, *(row.quantity for row in self.rows)):
            field.observe(lambda change: self._check(), "value")
        self.place.on_click(lambda button: self._place())
        self.place_many.on_click(lambda button: self._place_many())
        self._check()
        self.start()

    def refresh(self) -> None:
        if (version := self.feed.version) == self._drawn:
            return
        available = self.feed.available()
        for row in self.rows:
            row.show(available.get(row.product.product_id))
        self.orders.value = table("Last orders", _COLUMNS, map(_cells, self.feed.orders(SHOWN)))
        self._drawn = version

    @property
    def basket(self) -> dict[str, int]:
        """Quantities by product, of the products that are wanted."""
        return {row.product.product_id: row.quantity.value for row in self.rows if row.quantity.value}

    @property
    def orderer(self) -> str:
        return f"{DECLINED_CUSTOMERS if self.decline.value else ''}{self.customer.value}"

    def _check(self) -> bool:
        """Show at each field what is wrong with it, and the total; whether nothing is."""
        self.basket_error.value = ""
        problems = [row.problem(self.shop.catalogue) for row in self.rows]
        for row, problem in zip(self.rows, problems, strict=True):
            row.error.value = field_error(problem)
        unfit = self._unfit()
        self.customer_error.value = field_error(unfit)
        total = sum((row.product.price * row.quantity.value for row in self.rows), Decimal(0))
        self.total.value = "" if any(problems) else f"Total: <b>{total}</b>"
        return not unfit and not any(problems)

    def _unfit(self) -> str:
        try:
            identifier("customer_id", self.orderer)
        except ValueError as error:
            return str(error)
        return ""

    def _place(self) -> None:
        fit, basket, orderer = self._check(), self.basket, self.orderer
        if fit and not basket:
            self.basket_error.value = field_error("Nothing is in the basket: say how many of a product.")
        elif fit:
            self.act(lambda: f"📦 Order {self.shop.order(orderer, basket)} placed.")

    def _place_many(self) -> None:
        self.customer_error.value = field_error(self._unfit())
        if self.customer_error.value:
            return
        requests = [{"customer_id": self.orderer, "items": self._some_items(), "order_id": None} for _ in range(MANY)]
        self.act(lambda: f"📦 {len(self.shop.order_service.create_orders(requests))} orders placed.")

    def _some_items(self) -> list[dict[str, Any]]:
        products = self._random.sample(sorted(self.shop.catalogue), self._random.randint(1, min(3, len(self.rows))))
        return [{"product_id": product, "quantity": self._random.randint(1, 2)} for product in products]


def _cells(row: OrderRow) -> tuple[object, ...]:
    return row.order_id, row.customer_id, row.total, f"{SIGNS[row.status]} {row.status}", row.reason
