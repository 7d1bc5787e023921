"""The product list without a shop: search, rows, basket."""

from decimal import Decimal

import pytest

from ecomkafka.catalogue import DEFAULT, Catalogue, Product
from ecomkafka.widgets.drawing.product_list import MOST, ProductList

LARGE = Catalogue(
    Product(f"P-{number:04d}", f"{'Lamp' if number % 2 else 'Radio'} {number}", Decimal(5), "WH-ROME", 20)
    for number in range(2000)
)


def ids(products: ProductList) -> list[str]:
    return [row.product.product_id for row in products.rows]


@pytest.fixture
def products() -> ProductList:
    return ProductList(LARGE, lambda: None, lambda row: row.show(None))


def test_of_two_thousand_products_the_first_ten_have_a_row_and_the_others_are_counted(products: ProductList) -> None:
    assert ids(products) == [f"P-{number:04d}" for number in range(MOST)]
    assert products.hidden.value.startswith("1,990 more match")
    assert products.search.layout.display == "flex"


def test_a_search_shows_what_contains_all_its_words(products: ProductList) -> None:
    products.search.value = "lamp 19"
    assert "P-0019" in ids(products)
    assert all("Lamp" in row.product.name for row in products.rows)
    products.search.value = "p-1234 ROME"
    assert ids(products) == ["P-1234"]
    assert products.hidden.value == ""
    products.search.value = "<b>"
    assert ids(products) == []
    assert products.hidden.value == "No product matches <b>&lt;b&gt;</b>."


def test_what_is_in_the_basket_stays_in_view_and_keeps_its_quantity(products: ProductList) -> None:
    products.rows[3].quantity.value = 2
    products.search.value = "p-1234"
    assert ids(products) == ["P-1234", "P-0003"]
    assert [(row.product.product_id, row.quantity.value) for row in products.wanted] == [("P-0003", 2)]


def test_each_change_of_a_quantity_is_heard_once() -> None:
    heard: list[str] = []
    products = ProductList(LARGE, lambda: heard.append("changed"), lambda row: None)
    products.search.value = "lamp"
    products.search.value = ""
    products.rows[0].quantity.value = 1
    assert heard == ["changed"]


def test_a_small_catalogue_needs_no_search() -> None:
    products = ProductList(DEFAULT, lambda: None, lambda row: row.show(3))
    assert len(products.rows) == len(DEFAULT)
    assert products.search.layout.display == "none"
    assert "3 in stock" in products.rows[0].facts.value
