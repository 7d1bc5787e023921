"""The order desk: a basket ordered by hand or a hundred at random, and what becomes of the orders."""

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from ipywidgets import HTML, Button, Checkbox, HBox, Layout, Text  # type: ignore[import-untyped]

from ecomkafka.domain.basket import customer
from ecomkafka.domain.order_view import CANCELLED, CONFIRMED, PENDING, OrderRow
from ecomkafka.gateways.payment import DECLINED_CUSTOMERS
from ecomkafka.shop import Shop
from ecomkafka.widgets.drawing.markup import field_error, table
from ecomkafka.widgets.drawing.product_list import ProductList, ProductRow
from ecomkafka.widgets.panel_frame import Panel

MANY = 100
SHOWN = 12
SIGNS = {PENDING: "⏳", CONFIRMED: "✅", CANCELLED: "❌"}

_COLUMNS = ("order", "customer", "total", "state", "why")


class OrderDesk(Panel):
    """`desk = OrderDesk(shop)` as a cell's last line shows it."""

    title = "Order desk"

    def __init__(self, shop: Shop) -> None:
        self.customer = Text("customer-1", description="Customer", tooltip="Who orders")
        self.customer_error, self.basket_error = HTML(), HTML()
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
        self._available: Mapping[str, int] = {}
        self.products = ProductList(shop.catalogue, lambda: bool(self._check()), self._show_stock)
        super().__init__(
            shop,
            HBox([self.customer, self.customer_error]),
            self.products.widget,
            self.total,
            HBox([self.place, self.place_many, self.decline]),
            self.basket_error,
            self.orders,
        )
        for field in (self.customer, self.decline):
            field.observe(lambda change: self._check(), "value")
        self.place.on_click(lambda button: self._place())
        self.place_many.on_click(lambda button: self._place_many())
        self._check()
        self.start()

    def refresh(self) -> None:
        if (version := self.feed.version) == self._drawn:
            return
        self._available = self.feed.available()
        for row in self.rows:
            self._show_stock(row)
        self.orders.value = table("Last orders", _COLUMNS, map(_cells, self.feed.orders(SHOWN)))
        self._drawn = version

    def _show_stock(self, row: ProductRow) -> None:
        row.show(self._available.get(row.product.product_id))

    @property
    def rows(self) -> list[ProductRow]:
        """The products that are shown."""
        return self.products.rows

    @property
    def basket(self) -> dict[str, int]:
        """Quantities by product, of the products that are wanted."""
        return {row.product.product_id: row.quantity.value for row in self.products.wanted}

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
        total = sum((row.product.price * row.quantity.value for row in self.products.wanted), Decimal(0))
        self.total.value = "" if any(problems) else f"Total: <b>{total}</b>"
        return not unfit and not any(problems)

    def _unfit(self) -> str:
        try:
            customer(self.orderer)
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
        products = self._random.sample(
            sorted(self.shop.catalogue), self._random.randint(1, min(3, len(self.shop.catalogue)))
        )
        return [{"product_id": product, "quantity": self._random.randint(1, 2)} for product in products]


def _cells(row: OrderRow) -> tuple[object, ...]:
    return row.order_id, row.customer_id, row.total, f"{SIGNS[row.status]} {row.status}", row.reason
