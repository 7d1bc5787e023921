"""The paths of the shop itself: what it sells, and whether it is there."""

from decimal import Decimal

import msgspec
from litestar import get
from litestar.di import NamedDependency

from ecomkafka.http_api.order_desk import OrderDesk


class ProductView(msgspec.Struct, frozen=True):
    """`price` is for one unit."""

    product_id: str
    name: str
    price: Decimal


class Live(msgspec.Struct, frozen=True):
    status: str = "live"


@get("/products")
async def get_products(desk: NamedDependency[OrderDesk]) -> list[ProductView]:
    """The catalogue, with the prices at which is sold."""
    return [ProductView(product.product_id, product.name, product.price) for product in desk.catalogue.values()]


@get("/live")
async def get_live() -> Live:
    """Whether the gateway answers at all: one that doesn't should be restarted."""
    return Live()
