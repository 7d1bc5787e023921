"""The server of the HTTP API, to be started and stopped: a port, a thread with uvicorn, a client of Kafka."""

import math
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import uvicorn

from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.http_api.api_keys import ApiKeys
from ecomkafka.http_api.app import application
from ecomkafka.http_api.connection import BoundedConnection
from ecomkafka.http_api.limits import Limits
from ecomkafka.http_api.order_desk import UNKNOWN_CIRCUIT, OrderDesk
from ecomkafka.http_api.readiness import Readiness
from ecomkafka.machine.listening import in_url, listener
from ecomkafka.services.order import OrderService
from ecomkafka.waiting import until

if TYPE_CHECKING:
    from ecomkafka.telemetry.metrics.http_requests import RequestMetrics

HOST = "127.0.0.1"
START_SECONDS = 30.0
GRACE_SECONDS = 4
"""What is being answered when the gateway stops has so long."""


class Gateway:
    """HTTP on this machine, for programs on this machine. `url` says where, once it is started.

    `orders` is its own client's side of the order service, `queries` the read model's tables. It stops `orders` when it
    stops, and leaves `queries` open: others read there as well. Once stopped it is not started again.

    `keys` None: no API key is asked for. `metrics`: requests are measured, and GET /metrics shows it. `circuit` says in
    which state the payment's circuit breaker is.
    """

    def __init__(
        self,
        orders: OrderService,
        queries: OrderQueries,
        *,
        port: int = 0,
        limits: Limits | None = None,
        keys: ApiKeys | None = None,
        metrics: bool = False,
        host: str = HOST,
        circuit: Callable[[], str] = lambda: UNKNOWN_CIRCUIT,
    ) -> None:
        self._orders, self._host, self._port, self._keys = orders, host, port, keys
        self.limits = limits or Limits()
        self._server: uvicorn.Server | None = None
        self.desk = OrderDesk(orders, queries, self.limits, self._is_closing, circuit)
        self.readiness = Readiness(orders, queries, self.desk.intake)
        self._metrics = _request_metrics(self.desk) if metrics else None
        self._open = ExitStack()

    @property
    def url(self) -> str:
        return f"http://{in_url(self._host)}:{self._port}"

    def start(self) -> Self:
        """Returns when it answers; one that runs goes on. Raises RuntimeError if the port can't be had."""
        if self._server is not None:
            return self
        self._open.callback(self._orders.stop)
        self._open.callback(self.readiness.close)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self) -> None:
        socket = self._open.enter_context(listener(self._host, self._port, "choose another one"))
        self._port = socket.getsockname()[1]
        self._server = server = uvicorn.Server(self._config())
        thread = threading.Thread(target=server.run, args=([socket],), name="gateway", daemon=True)
        self.desk.intake.start()
        self._open.callback(self.desk.intake.close)
        thread.start()
        self._open.callback(self._end, server, thread)
        until(lambda: server.started or not thread.is_alive(), START_SECONDS, "the gateway answers")
        if not server.started:
            raise RuntimeError("the gateway did not start: its log says why")

    def _is_closing(self) -> bool:
        return self._server is None or self._server.should_exit

    def _config(self) -> uvicorn.Config:
        limits = self.limits
        return uvicorn.Config(
            application(self.desk, self.readiness, limits, self._keys, self._metrics),
            http=BoundedConnection,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # who sends X-Forwarded-For could choose who it is
            limit_concurrency=int(limits.connections),
            h11_max_incomplete_event_size=int(limits.header_bytes),
            timeout_keep_alive=math.ceil(limits.slow),
            timeout_graceful_shutdown=GRACE_SECONDS,
        )

    def stop(self) -> None:
        """Answer what is in hand, place what waits, then close. What was answered with 202 is in Kafka."""
        self._open.close()

    def _end(self, server: uvicorn.Server, thread: threading.Thread) -> None:
        server.should_exit = True
        until(lambda: not thread.is_alive(), 3 * GRACE_SECONDS, "the gateway's connections are closed")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()


def _request_metrics(desk: OrderDesk) -> "RequestMetrics":
    from ecomkafka.telemetry.metrics.http_requests import RequestMetrics  # needs an extra

    return RequestMetrics(lambda: desk.intake.length)
