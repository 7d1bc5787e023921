"""Services of the last release and of this version on one cluster, under load: every step of an upgrade and of the way
back is a kill -9, twenty in all, and every service has instances of both versions beside each other meanwhile.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ecomkafka.catalogue import DEFAULT, Catalogue
from ecomkafka.chaos import chaos_run
from ecomkafka.chaos.process_shop import ProcessShop
from ecomkafka.chaos.timeline import Timeline
from ecomkafka.chaos.workload import Traffic
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.flow import QUARANTINE
from ecomkafka.gateways.payment import LedgerGateway
from ecomkafka.invariants.check import check
from ecomkafka.invariants.witness import Witness
from ecomkafka.messages import Reason
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService
from tests.proof.released import unpack_last_release
from tests.waiting import eventually

SERVICES = ("order-0", "order-1", "inventory-0", "inventory-1", "notification-0", "analytics-0", "read-model-0")
PATIENCE = 120.0
RATE = 5.0
"""Orders a second: seven processes share the machine."""


class MixedShop(ProcessShop):
    """A shop whose services run the released version, or this one; each is moved by a kill."""

    def __init__(self, released: Path) -> None:
        super().__init__(SERVICES)
        self.released = released
        self.kills = 0

    def process(self, name: str, home: Path) -> Any:
        made = super().process(name, home)
        made.code = self.released
        return made

    def move(self, name: str, code: Path | None) -> None:
        """Kill a service; it comes back as the other version, and handles records."""
        with self.reserve(name) as process:
            process.kill()
            process.code = code
            self.kills += 1
        eventually(lambda: self.services[name].is_alive, f"{name} runs again", timeout=PATIENCE)
        self.services[name].wait_ready(PATIENCE)


class NewerClients:
    """Customers of this version: they pay in pounds, get discounts, and change their minds."""

    def __init__(self, cluster: Cluster) -> None:
        self._ledger = LedgerGateway()
        pounds = Catalogue(DEFAULT.values(), "GBP")
        self._orders = OrderService(cluster, "newer", payment=self._ledger, catalogue=pounds)
        self._stock = InventoryService(cluster, "newer")

    def __enter__(self) -> "NewerClients":
        return self

    def __exit__(self, *exception: object) -> None:
        with closing(self._ledger):
            self._orders.stop()
            self._stock.stop()

    def order(self) -> str:
        items = [{"product_id": name, "quantity": 1, "discount": "1.50"} for name in ("MOUSE-001", "HEADSET-001")]
        return self._orders.create_order("zoe", items)

    def change_their_mind(self) -> str:
        order_id = self.order()
        self._stock.handle_rollback_request(order_id, Reason.CUSTOMER_REQUEST)
        return order_id


def has(cluster: Cluster, topic: str, fits: Callable[[dict[str, Any]], bool]) -> bool:
    """Whether one of the topic's records has such fields, as they were written."""
    return any(fits(json.loads(record.value or b"{}")) for record in read(cluster, topic))


def failed(fields: dict[str, Any]) -> bool:
    return fields["type"] == "NOTIFICATION_FAILED"


def withdrawn(fields: dict[str, Any]) -> bool:
    return fields.get("reason") == "CUSTOMER_REQUEST"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[MixedShop]:
    with MixedShop(unpack_last_release(tmp_path)) as running:
        yield running


@pytest.mark.timeout(900)
def test_up_and_down_again_under_load_and_kills_nothing_is_lost_and_nothing_refused(shop: MixedShop) -> None:
    cluster, timeline = shop.cluster, Timeline()
    ends = partial(has, cluster, "orders.events")
    tells = partial(has, cluster, "notifications.events")
    shop.mail.failure_rate = 0.7
    with Witness(cluster, lambda *_: None) as witness:
        with (
            Traffic(shop.client_cluster, 1, RATE, lambda order_id: timeline.accepted.append((0.0, order_id))),
            NewerClients(cluster) as clients,
        ):
            first = clients.order()
            by_released = lambda fields: fields["order_id"] == first and fields["type"] == "ORDER_CONFIRMED"  # noqa: E731
            eventually(lambda: ends(by_released), "the release confirms an order with new fields", timeout=PATIENCE)
            eventually(lambda: tells(lambda f: failed(f) and "reason" not in f), "its old field", timeout=PATIENCE)

            for name in SERVICES:  # up: after each step the two versions work together in another mixture
                shop.move(name, None)
                clients.order()
            eventually(lambda: tells(lambda f: failed(f) and "reason" in f), "the new field", timeout=PATIENCE)
            eventually(lambda: clients.change_their_mind() and ends(withdrawn), "the new reason", timeout=PATIENCE)

            for name in SERVICES:  # and down again
                shop.move(name, shop.released)
                clients.change_their_mind()
            for name in SERVICES[:6]:  # and half up: one instance of each, and the others as they are
                shop.move(name, None if name.endswith("-0") else shop.released)
        shop.mail.failure_rate = 0.0
        assert shop.kills == 20
        assert shop.settle(chaos_run.SETTLE_SECONDS)
        facts = shop.facts(witness)
    assert {name: found for name, found in check(facts).items() if found} == {}
    assert read(cluster, QUARANTINE) == []
    assert len(timeline.accepted) > len(SERVICES)
    assert shop.deaths == []
