"""The network of every client: time limits for making a connection and for an answer."""

from typing import Any

from kafka.future import Future
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

REQUEST_TIMEOUT_MS = 5_000
"""A half-open connection is detected after this time."""

SILENT_SECONDS = 0.8 * REQUEST_TIMEOUT_MS / 1000
"""A request that fails after this time got no answer."""

CONNECT_TIMEOUT_MS = 4_000
"""The first request on a connection also waits for the connection: TCP, an HTTP proxy, TLS, ApiVersions and SASL."""


class BoundedConnections(KafkaConnectionManager):  # type: ignore[misc]
    """Gives each request the client's own `request_timeout_ms`.

    kafka-python 3.0.12 waits for the answer to a JoinGroup for `max_poll_interval_ms` + 5 s, which is 305 s, since the
    broker may hold it back. A JoinGroup on a half-open connection would stop its whole group for that time. A second
    JoinGroup replaces the first.
    """

    def __init__(self, net: NetworkSelector, **options: Any) -> None:
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
        self.connections = BoundedConnections(NetworkSelector(**options), **options)
        super().__init__(net=self.connections.net, manager=self.connections)
