"""The paths of the shop itself: what it sells, and whether it is there."""

from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from importlib.resources import files

import msgspec
from litestar import MediaType, get
from litestar.di import NamedDependency

from ecomkafka.http_api.admission import OPEN
from ecomkafka.http_api.order_desk import UNKNOWN_CIRCUIT, OrderDesk
from ecomkafka.http_api.problems import answers, guarded, unavailable
from ecomkafka.http_api.readiness import Readiness


class ProductView(msgspec.Struct, frozen=True):
    """`price` is for one unit."""

    product_id: str
    name: str
    price: Decimal


class Live(msgspec.Struct, frozen=True):
    status: str = "live"


class Ready(msgspec.Struct, frozen=True, omit_defaults=True):
    """`payment_circuit`: closed, open or half-open, none where there is no breaker; unknown where the order service is
    another process, and `hint` says who knows it.
    """

    payment_circuit: str
    status: str
    hint: str = ""


_WHO_KNOWS = (
    "the order service is another process: started with ECOMKAFKA_METRICS it shows ecomkafka_payment_circuit at its "
    "own /metrics"
)


@get("/products", responses=guarded())
async def get_products(desk: NamedDependency[OrderDesk]) -> list[ProductView]:
    """The catalogue, with the prices at which is sold."""
    return [ProductView(product.product_id, product.name, product.price) for product in desk.catalogue.values()]


@get("/live", opt={OPEN: True})
async def get_live() -> Live:
    """Whether the gateway answers at all: one that doesn't should be restarted."""
    return Live()


@get("/ready", opt={OPEN: True}, responses=answers(HTTPStatus.SERVICE_UNAVAILABLE))
async def get_ready(readiness: NamedDependency[Readiness], desk: NamedDependency[OrderDesk]) -> Ready:
    """Whether it can do its work: a transaction can be made, and the read model is not far behind."""
    if troubles := await readiness.troubles():
        raise unavailable("; ".join(troubles))
    circuit = desk.circuit()
    return Ready(circuit, "ready", _WHO_KNOWS if circuit == UNKNOWN_CIRCUIT else "")


@get("/", media_type=MediaType.HTML, opt={OPEN: True}, include_in_schema=False)
async def get_try_page() -> str:
    """A page to try the API: it is made from /openapi.json in the browser, and loads nothing from elsewhere."""
    return files(__package__).joinpath("try_page.html").read_text(encoding="utf-8")


@get("/metrics", media_type=MediaType.TEXT, opt={OPEN: True}, include_in_schema=False)
async def get_metrics(metrics: NamedDependency[Callable[[], bytes]]) -> bytes:
    """For Prometheus; only where metrics are wanted."""
    return metrics()
