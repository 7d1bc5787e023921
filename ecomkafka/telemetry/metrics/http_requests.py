"""An HTTP API's requests by method, path and status, and how long their answers took."""

import time
from collections.abc import Awaitable, Callable
from http import HTTPMethod
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)

OTHER = "other"
"""A path or a method that the API does not have: a client must not be able to make new labels."""

_METHODS = {method.value for method in HTTPMethod}

Application = Callable[[Any, Any, Any], Awaitable[None]]
"""As ASGI says: scope, receive, send."""


class RequestMetrics:
    """Measures an application from outside, so that what its framework refuses is seen as well.

    `waiting` says how many orders are on their way to Kafka.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "ecomkafka_gateway_request_seconds",
            "Time to answer a request, by its outcome.",
            ["method", "path", "status"],
            buckets=SECONDS,
            registry=self._registry,
        )
        gauge = Gauge("ecomkafka_gateway_waiting_orders", "Orders on their way to Kafka.", registry=self._registry)
        gauge.set_function(waiting)

    def shown(self) -> bytes:
        """All of it, in Prometheus' text form."""
        return generate_latest(self._registry)

    def around(self, app: Application) -> Application:
        async def measured(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            began, status = time.perf_counter(), 0

            async def noting(message: Any) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                await app(scope, receive, noting)
            finally:
                self._seconds.labels(*_labels(scope), status).observe(time.perf_counter() - began)

        return measured


def _labels(scope: Any) -> tuple[str, str]:
    """The path as the application has it, "/orders/{order_id}", and not as a client writes it."""
    method = scope["method"]
    return method if method in _METHODS else OTHER, scope.get("path_template") or OTHER
