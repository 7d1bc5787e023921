"""A shop's HTTP API: opened on request, closed with the shop."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ecomkafka.catalogue import Catalogue
from ecomkafka.clock import Clock
from ecomkafka.domain.basket import shown, whole
from ecomkafka.domain.placed_orders import History
from ecomkafka.gateways.order_projection import TOPIC
from ecomkafka.invariants.facts import Ends
from ecomkafka.operations.shop_service import Choices
from ecomkafka.services.order import OrderService
from ecomkafka.services.read_model import ReadModel
from ecomkafka.shop.lifecycle import Lifecycle

if TYPE_CHECKING:
    from ecomkafka.http_api.api_keys import ApiKeys
    from ecomkafka.http_api.limits import Limits
    from ecomkafka.http_api.server import Gateway

MAX_PORT = 65_535


class FrontDoor(Lifecycle):
    """The part of a `Shop` that speaks HTTP."""

    catalogue: Catalogue
    clock: Clock
    deadline: timedelta
    order_service: OrderService
    read_model: ReadModel
    _in_processes: bool
    _choices: Choices
    _older: Ends

    def gateway(self, port: int = 0, limits: "Limits | None" = None, keys: "ApiKeys | None" = None) -> "Gateway":
        """Open an HTTP API on this machine (see `http_api/server.py`); `port` 0: any free one.

        It is stopped with the shop, or before it by `stop()` or at the end of a `with`.
        """
        self._check_open()
        if (number := whole(port)) is None or not 0 <= number <= MAX_PORT:
            raise ValueError(f"port is {shown(port)}: 1 to {MAX_PORT} is allowed, or 0 for any free one")
        self._catch_up()  # whether a key belongs to another order the gateway asks the read model
        from ecomkafka.http_api.server import Gateway  # takes long to load, and needs an extra

        client = OrderService(
            self.cluster,
            f"gateway-{uuid.uuid4().hex[:8]}",
            clock=self.clock,
            catalogue=self.catalogue,
            deadline=self.deadline,
        )
        options: dict[str, Any] = {"circuit": self._circuit, "metrics": self._choices.metrics}
        gateway = Gateway(client, self.read_model, port=number, limits=limits, keys=keys, **options)
        self.on_close(gateway.stop)
        return gateway.start()

    def _earlier(self) -> History:
        self._catch_up()
        return self.read_model

    def _catch_up(self) -> None:
        """Wait until the read model has all orders from before this shop was opened."""
        self.read_model.reach({partition: end for (topic, partition), end in self._older.items() if topic == TOPIC})

    def _circuit(self) -> str:
        """Of the payment, as the order service has it now: a lesson may put another one in its place."""
        if self._in_processes:
            from ecomkafka.http_api.order_desk import UNKNOWN_CIRCUIT

            return UNKNOWN_CIRCUIT
        return str(getattr(self.order_service.payment, "state", "none"))
