"""Where the customers of a chaos run order: at the order service itself, or at the HTTP gateway."""

import http.client
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from http import HTTPStatus
from random import Random
from typing import Any, Protocol

import msgspec
from kafka.errors import KafkaError

from ecomkafka.clients import Cluster
from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.gateways.payment import LedgerGateway
from ecomkafka.services.order import OrderService

Request = Mapping[str, Any]
"""The arguments of `OrderService.create_orders`; its `order_id` is the customer's name for it."""

PATIENCE_SECONDS = 5.0
"""So long a customer waits for an answer; the gateway may take longer, and then answers nobody."""

IMPATIENT = 0.2
"""Share of the requests that are sent twice at once, with one key."""

_PAUSE_SECONDS = 0.1
_AT_ONCE = 4
_COME_AGAIN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class FrontDoor(Protocol):
    """`pause`: seconds after which who got no answer, or was told to come again, should do so."""

    pause: float

    def place(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        """The name and the order's id of each that was accepted, as soon as it is; the others may be sent again."""
        ...

    def close(self) -> None: ...


class ServiceDoor:
    """A client of Kafka: all requests go into one transaction."""

    pause = _PAUSE_SECONDS

    def __init__(self, cluster: Cluster) -> None:
        self._ledger = LedgerGateway()
        self._orders = OrderService(cluster, "chaos", payment=self._ledger)

    def place(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        try:
            ids = self._orders.create_orders(requests)
        except (KafkaError, UnknownOutcomeError, ConnectionError):
            return
        yield from zip(ids, ids, strict=True)

    def close(self) -> None:
        self._orders.stop()
        self._ledger.close()


class GatewayDoor:
    """Clients by HTTP, at `port` of this machine: each request has its key, and keeps it when it is sent again.

    Raises RuntimeError if the gateway breaks a promise: two orders for one key, or an answer that nothing is an excuse
    for.
    """

    def __init__(self, port: int, seed: int) -> None:
        self.pause = _PAUSE_SECONDS
        self._port, self._random = port, Random(seed)
        self._ids: dict[str, str] = {}
        self._clients = ThreadPoolExecutor(_AT_ONCE, "web-client")

    def place(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        self.pause = _PAUSE_SECONDS
        twice = [request for request in requests if self._random.random() < IMPATIENT]
        asked = {self._clients.submit(self._ask, request): request["order_id"] for request in (*requests, *twice)}
        for answer in as_completed(asked):
            if order_id := answer.result():
                key = asked[answer]
                if self._ids.setdefault(key, order_id) != order_id:
                    raise RuntimeError(f"key {key}: order {self._ids[key]}, then order {order_id}")
                yield key, order_id

    def _ask(self, request: Request) -> str | None:
        """The order's id; None: not accepted, or no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        headers = {"Content-Type": "application/json", "Idempotency-Key": request["order_id"]}
        form = {name: request[name] for name in ("customer_id", "items")}
        try:
            connection.request("POST", "/orders", msgspec.json.encode(form), headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answer.status == HTTPStatus.ACCEPTED:
            return str(msgspec.json.decode(body)["order_id"])
        if answer.status not in _COME_AGAIN:
            raise RuntimeError(f"POST /orders was answered with {answer.status}: {body!r:.500}")
        self.pause = float(answer.headers["Retry-After"]) + self._random.random()  # not all at the same moment
        return None

    def close(self) -> None:
        self._clients.shutdown()
