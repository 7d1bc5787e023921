"""The network of every client: time limits for making a connection and for an answer, who may use it, interrupts."""

from signal import SIGINT, SIGTERM
from typing import Any

from kafka.future import Future
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from ecomkafka.machine.forks import Maker
from ecomkafka.machine.interrupts import Deferred

REQUEST_TIMEOUT_MS = 5_000
"""A half-open connection is detected after this time."""

SILENT_SECONDS = 0.8 * REQUEST_TIMEOUT_MS / 1000
"""A request that fails after this time got no answer."""

CONNECT_TIMEOUT_MS = 4_000
"""The first request on a connection also waits for the connection: TCP, an HTTP proxy, TLS, ApiVersions and SASL."""


class EventLoop(NetworkSelector):  # type: ignore[misc]
    """Every request of a client begins here, and its coroutines run here."""

    def __init__(self, **options: Any) -> None:
        self.maker = Maker()
        super().__init__(**options)

    def wakeup(self) -> None:
        """Called for whatever another thread is to do: a request, or a record of kafka-python's producer."""
        self._check()
        super().wakeup()

    def poll(self, timeout_ms: float | None = None, future: Future | None = None) -> None:
        """kafka-python takes what is raised here for an error of the coroutine that runs just then, and goes on. So
        Ctrl-C, and a SIGTERM that is to be one, are raised behind it.
        """
        self._check()
        with Deferred(SIGINT), Deferred(SIGTERM):
            super().poll(timeout_ms, future)

    def _check(self) -> None:
        self.maker.check("this client of Kafka", "make another one here")


class BoundedConnections(KafkaConnectionManager):  # type: ignore[misc]
    """Gives each request the client's own `request_timeout_ms`.

    kafka-python 3.0.12 waits for the answer to a JoinGroup for `max_poll_interval_ms` + 5 s, which is 305 s, since the
    broker may hold it back. A JoinGroup on a half-open connection would stop its whole group for that time. A second
    JoinGroup replaces the first.
    """

    def __init__(self, net: EventLoop, **options: Any) -> None:
        super().__init__(net, **options)
        self.net = net
        """The event loop on which the connections run."""
        # The clients do not pass these on: 10 s, and after failures 30 s.
        self.config["socket_connection_setup_timeout_ms"] = CONNECT_TIMEOUT_MS
        self.config["socket_connection_setup_timeout_max_ms"] = CONNECT_TIMEOUT_MS
        # A client's first look at a topic waits for this: 100 ms, since kafka-python does not pass its setting on.
        self.cluster.config["retry_backoff_ms"] = 20

    def send(self, request: Any, node_id: Any = None, request_timeout_ms: Any = None) -> Future:
        """Send the request. `request_timeout_ms`, the time that kafka-python would wait, is ignored."""
        return super().send(request, node_id=node_id)


class BoundedClient(KafkaNetClient):  # type: ignore[misc]
    """The network of one of kafka-python's clients, on `BoundedConnections`."""

    def __init__(self, **options: Any) -> None:
        self.connections = BoundedConnections(EventLoop(**options), **options)
        super().__init__(net=self.connections.net, manager=self.connections)

    def close(self, node_id: Any = None) -> None:
        """A forked child leaves the connections alone, which are its parent's as well."""
        if self.connections.net.maker.is_here:
            with Deferred(SIGINT), Deferred(SIGTERM):
                super().close(node_id)
