"""Each service crashes at each named point, in the middle of orders, and a new instance of its name goes on.

Nothing may be lost and nothing doubled: every record of every order is counted.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta

import pytest

from ecomkafka.broker import Broker
from ecomkafka.engine.worker import Worker
from ecomkafka.faults import POINTS, crash
from ecomkafka.gateways.payment import ProtectedGateway
from ecomkafka.invariants.check import check
from ecomkafka.invariants.facts import Facts
from ecomkafka.invariants.witness import Witness
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.notification import NotificationService
from ecomkafka.services.order import OrderService
from ecomkafka.shop import Shop
from tests.waiting import eventually

WAIT = 25.0
PATIENCE = timedelta(minutes=10)
"""No order is given up while something of it is missed."""

HAS_EFFECT = ("order", "notification")
"""Who does what Kafka can't take back: the others have no point after it."""

NEXT: dict[str, Callable[[Shop], Worker]] = {
    "inventory": lambda shop: InventoryService(shop.cluster),
    "order": lambda shop: OrderService(shop.cluster, payment=ProtectedGateway(shop.ledger), deadline=PATIENCE),
    "notification": lambda shop: NotificationService(shop.cluster, server=shop.mail_server),
    "analytics": lambda shop: AnalyticsService(shop.cluster),
}
"""A new instance of each service, with the name of the one that crashed."""

CASES = [(service, point) for service in NEXT for point in POINTS if point != "after_effect" or service in HAS_EFFECT]

TOLD = {"SEND_NOTIFICATION": 1, "NOTIFICATION_SENT": 1}
ORDERS = {
    "good": ("ann", {"LAPTOP-001": 1, "MOUSE-001": 1}, "CONFIRMED"),
    "declined": ("declined-7", {"MONITOR-001": 1, "HEADSET-001": 1}, "CANCELLED"),
    "too much": ("bob", {"LAPTOP-001": 1_000, "MOUSE-001": 1}, "CANCELLED"),
    "one warehouse": ("eve", {"KEYBOARD-001": 2}, "CONFIRMED"),
}
RECORDS = {
    "good": {
        "ORDER_CREATED": 1, "RESERVE": 2, "RESERVED": 2, "STOCK_RESERVED": 2,
        "ORDER_CONFIRMED": 1, "DEDUCT": 2, "STOCK_DEDUCTED": 2, **TOLD,
    },
    "declined": {
        "ORDER_CREATED": 1, "RESERVE": 2, "RESERVED": 2, "STOCK_RESERVED": 2,
        "ORDER_CANCELLED": 1, "RELEASE": 2, "RELEASED": 2, "STOCK_RELEASED": 2, **TOLD,
    },
    "too much": {
        "ORDER_CREATED": 1, "RESERVE": 2, "RESERVED": 1, "STOCK_RESERVED": 1, "INSUFFICIENT_STOCK": 1,
        "ORDER_CANCELLED": 1, "RELEASE": 1, "RELEASED": 1, "STOCK_RELEASED": 1, **TOLD,
    },
    "one warehouse": {
        "ORDER_CREATED": 1, "RESERVE": 1, "RESERVED": 1, "STOCK_RESERVED": 1,
        "ORDER_CONFIRMED": 1, "DEDUCT": 1, "STOCK_DEDUCTED": 1, **TOLD,
    },
}  # fmt: skip
"""Every record of each kind of order, however often whoever crashed."""


class Stage:
    """A shop with a witness, whose services are replaced when they have crashed."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self.shop = self._open.enter_context(Shop(deadline=PATIENCE))
        self.witness = self._open.enter_context(Witness(self.shop.cluster))
        self.shop.settle()

    def running(self, service: str) -> Worker:
        return next(worker for worker in self.shop.services if worker.name == service)

    def replace(self, service: str) -> None:
        """Start a new instance under the crashed one's name."""
        new = NEXT[service](self.shop)
        setattr(self.shop, f"{service}_service", new)
        self._open.callback(new.stop)
        new.start()

    def facts(self) -> Facts:
        self.shop.settle()
        return self.shop.facts(self.witness)

    def close(self) -> None:
        self._open.close()


@pytest.fixture(scope="module")
def stages(broker: Broker) -> Iterator[Callable[[], AbstractContextManager[Stage]]]:
    """One stage for all; one on which a test has failed is not used again."""
    ready: list[Stage] = []

    @contextmanager
    def stage() -> Iterator[Stage]:
        if not ready:
            ready.append(Stage())
        try:
            yield ready[0]
        except BaseException:
            ready.pop().close()
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        yield stage
        for used in ready:
            used.close()


def records_of(facts: Facts, order_id: str) -> Counter[str]:
    records = (record for topic in facts.records.values() for record in topic)
    return Counter(record.message.type for record in records if record.header("correlation") == order_id)


@pytest.mark.parametrize(("service", "point"), CASES, ids=[f"{service}-{point}" for service, point in CASES])
def test_a_crash_loses_nothing_and_doubles_nothing(stages, service, point):
    with stages() as stage:
        shop, crashed = stage.shop, stage.running(service)
        fault = crash(crashed, point)
        ids = {kind: shop.order(customer, items) for kind, (customer, items, _) in ORDERS.items()}
        assert fault.happened.wait(WAIT), f"nobody came to {point}"
        eventually(lambda: crashed.status == "crashed", "the end of the crashed instance")
        stage.replace(service)

        ends = {kind: shop.wait(order_id, WAIT) for kind, order_id in ids.items()}
        assert ends == {kind: end for kind, (_, _, end) in ORDERS.items()}
        facts = stage.facts()
        assert {kind: records_of(facts, order_id) for kind, order_id in ids.items()} == RECORDS
        broken = {name: violations for name, violations in check(facts).items() if violations}
        assert broken == {}


@pytest.mark.parametrize("service", HAS_EFFECT)
def test_what_was_done_outside_before_the_crash_is_asked_for_again_and_done_once(stages, service):
    """This is where exactly once ends: the effect is repeated, and an id makes that harmless."""
    with stages() as stage:
        shop = stage.shop
        copies = shop.mail_server.deliveries - len(shop.mail_server.messages)
        fault = crash(stage.running(service), "after_effect")
        order_id = shop.order("ann", {"MOUSE-001": 1})
        assert fault.happened.wait(WAIT)
        stage.replace(service)
        assert shop.wait(order_id, WAIT) == "CONFIRMED"
        shop.settle()
        [charge] = [charge for charge in shop.ledger.charges() if charge.order_id == order_id]
        assert (charge.state, charge.asked) == ("APPROVED", 2 if service == "order" else 1)
        now = shop.mail_server.deliveries - len(shop.mail_server.messages)
        assert now == copies + (1 if service == "notification" else 0)
        assert list(shop.mailbox()["notification_id"]).count(f"{order_id}-ORDER_CONFIRMED") == 1
