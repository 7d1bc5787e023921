"""The application: its paths, what they need, and how errors are reported."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsPlugin
from litestar.types import ASGIApp

from ecomkafka.gateways.order_queries import ReadModelError
from ecomkafka.http_api.admission import OPEN, Admission
from ecomkafka.http_api.api_keys import ApiKeys
from ecomkafka.http_api.limits import Limits
from ecomkafka.http_api.order_desk import OrderDesk
from ecomkafka.http_api.order_routes import get_order, get_order_events, place_order
from ecomkafka.http_api.problems import from_framework, unavailable, unexpected
from ecomkafka.http_api.readiness import Readiness
from ecomkafka.http_api.shop_routes import get_live, get_metrics, get_products, get_ready, get_try_page

if TYPE_CHECKING:
    from ecomkafka.telemetry.metrics.http_requests import RequestMetrics


def application(
    desk: OrderDesk,
    readiness: Readiness,
    limits: Limits,
    keys: ApiKeys | None,
    metrics: "RequestMetrics | None" = None,
) -> ASGIApp:
    """`keys` None: whoever reaches this machine may order. `metrics` None: nothing is measured."""
    if metrics is None:
        return _litestar(desk, readiness, limits, keys, [], {})
    more = {"metrics": _always(metrics.shown)}
    return metrics.around(_litestar(desk, readiness, limits, keys, [get_metrics], more))


def _litestar(
    desk: OrderDesk,
    readiness: Readiness,
    limits: Limits,
    keys: ApiKeys | None,
    more: Sequence[BaseRouteHandler],
    dependencies: dict[str, Provide],
) -> Litestar:
    problems = ProblemDetailsConfig(exception_to_problem_detail_map={HTTPException: from_framework})
    return Litestar(
        [place_order, get_order, get_order_events, get_products, get_live, get_ready, get_try_page, *more],
        dependencies=dependencies | {"desk": _always(desk), "limits": _always(limits), "readiness": _always(readiness)},
        middleware=[Admission(limits, keys)],
        request_max_body_size=int(limits.body_bytes),
        exception_handlers={ReadModelError: _no_read_model, Exception: unexpected},
        plugins=[ProblemDetailsPlugin(problems)],
        openapi_config=OpenAPIConfig(
            title="ecomkafka",
            version=version("ecomkafka"),
            description="Orders for the shop. Errors are problem details (RFC 9457).",
            openapi_router=Router("/openapi.json", route_handlers=[], include_in_schema=False, opt={OPEN: True}),
            render_plugins=[JsonRenderPlugin(path="/")],
        ),
        logging_config=None,
    )


def _always(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)


def _no_read_model(request: Request[Any, Any, Any], _: ReadModelError) -> Response[Any]:
    """Without it nobody knows whether a key was used before: better no answer than a second order."""
    return unavailable("the read model does not answer").to_response(request)
