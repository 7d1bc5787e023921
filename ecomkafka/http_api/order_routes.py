"""The paths of orders: place one, look at it, wait for its end."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus as Status
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent

from ecomkafka.domain.basket import MAX_LINES, MAX_QUANTITY
from ecomkafka.domain.order_view import PENDING
from ecomkafka.http_api.idempotency import HEADER, PATTERN, key_of
from ecomkafka.http_api.limits import Limits
from ecomkafka.http_api.order_desk import OrderDesk, OrderView
from ecomkafka.http_api.order_form import read_form
from ecomkafka.http_api.problems import guarded, problem
from ecomkafka.trace_context import HEADER as TRACEPARENT
from ecomkafka.trace_context import incoming

MAX_WAIT = 30
"""Seconds: a saga has ended by then."""

_TEXT = Schema(type=OpenAPIType.STRING, min_length=1, max_length=100)
_CUSTOMER = Schema(
    type=OpenAPIType.STRING, min_length=1, max_length=64, description="Printable characters, 64 bytes of UTF-8 at most."
)
_QUANTITY = Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=MAX_QUANTITY)
_ITEM = Schema(
    type=OpenAPIType.OBJECT,
    properties={"product_id": _TEXT, "quantity": _QUANTITY},
    required=["product_id", "quantity"],
    additional_properties=False,
)
_ORDER = Schema(
    type=OpenAPIType.OBJECT,
    properties={
        "customer_id": _CUSTOMER,
        "items": Schema(type=OpenAPIType.ARRAY, items=_ITEM, min_items=1, max_items=MAX_LINES),
    },
    required=["customer_id", "items"],
    additional_properties=False,
)
_EXAMPLE = {"customer_id": "ann", "items": [{"product_id": "LAPTOP-001", "quantity": 1}]}


@dataclass
class TakesOrder(Operation):
    """The body is read by `read_form`, which names all mistakes at once; so its schema is told here."""

    def __post_init__(self) -> None:
        media = OpenAPIMediaType(schema=_ORDER, examples={"one laptop": Example(value=_EXAMPLE)})
        self.request_body = RequestBody(content={"application/json": media}, required=True)


class Accepted(msgspec.Struct, frozen=True):
    """The order is in Kafka. What becomes of it is at `href`, which is also the answer's Location."""

    order_id: str
    status: str
    href: str


@post(
    "/orders",
    status_code=Status.ACCEPTED,
    operation_class=TakesOrder,
    responses=guarded(
        Status.BAD_REQUEST,
        Status.REQUEST_TIMEOUT,
        Status.REQUEST_ENTITY_TOO_LARGE,
        Status.UNSUPPORTED_MEDIA_TYPE,
        Status.UNPROCESSABLE_ENTITY,
        Status.SERVICE_UNAVAILABLE,
    ),
)
async def place_order(
    request: Request[Any, Any, Any],
    desk: NamedDependency[OrderDesk],
    limits: NamedDependency[Limits],
    idempotency_key: Annotated[
        str | None,
        HeaderParameter(
            name=HEADER,
            description="The same request with the same key is one order.",
            schema_extra={"pattern": PATTERN},  # told only: `key_of` says what is wrong with one
        ),
    ] = None,
) -> Response[Accepted]:
    """Place an order. Answered when it is in Kafka; whether it can be had turns out in its saga."""
    key = key_of(request.headers.getall(HEADER, []))
    form = read_form(await _body(request, limits), desk.catalogue)
    caller = incoming(request.headers.getall(TRACEPARENT, []))
    order_id = await desk.place(form, request.auth, key, caller)
    href = f"/orders/{order_id}"
    return Response(Accepted(order_id, PENDING, href), headers={"Location": href})


async def _body(request: Request[Any, Any, Any], limits: Limits) -> bytes:
    """The JSON of the request, if it is said to be JSON and comes in time."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        detail = f"the body's Content-Type is {media_type!r:.80}: application/json is needed"
        raise problem(Status.UNSUPPORTED_MEDIA_TYPE, detail)
    try:
        async with asyncio.timeout(limits.slow):
            return await request.body()
    except RequestEntityTooLarge:
        detail = f"the body has more than the {limits.body_bytes:,} bytes that are allowed"
        raise problem(Status.REQUEST_ENTITY_TOO_LARGE, detail) from None
    except TimeoutError:
        detail = f"the body has not arrived in {limits.slow:g} s"
        raise problem(Status.REQUEST_TIMEOUT, detail, headers={"Connection": "close"}) from None


@get("/orders/{order_id:str}", responses=guarded(Status.BAD_REQUEST, Status.NOT_FOUND, Status.SERVICE_UNAVAILABLE))
async def get_order(
    order_id: FromPath[str],
    desk: NamedDependency[OrderDesk],
    wait: Annotated[
        int, QueryParameter(ge=0, le=MAX_WAIT, description="Seconds to wait for the order's end at most.")
    ] = 0,
) -> OrderView:
    """The order as the read model knows it, which is a moment behind."""
    found = await desk.find(order_id, wait)
    if found is None:
        raise problem(Status.NOT_FOUND, f"there is no order {order_id!r:.120}")
    return found


@get("/orders/{order_id:str}/events", responses=guarded(Status.NOT_FOUND, Status.SERVICE_UNAVAILABLE))
async def get_order_events(order_id: FromPath[str], desk: NamedDependency[OrderDesk]) -> ServerSentEvent:
    """The order's saga as it happens: one server-sent event for each record, until its customer was told of its end."""
    found = await desk.find(order_id)
    if found is None:
        raise problem(Status.NOT_FOUND, f"there is no order {order_id!r:.120}")
    desk.check_streams()
    return ServerSentEvent(desk.follow(order_id, found.created_at))
