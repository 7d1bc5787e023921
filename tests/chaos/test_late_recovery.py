"""A service that crashed comes back when the deadline is over: what it had done outside of Kafka is undone."""

import time
from datetime import timedelta

from ecomkafka.domain.saga import Saga
from ecomkafka.engine.changelog import table
from ecomkafka.faults import crash
from ecomkafka.flow import HOPS
from ecomkafka.gateways.payment import ProtectedGateway
from ecomkafka.services.order import OrderService
from ecomkafka.shop import Shop
from tests.waiting import eventually

DEADLINE = timedelta(seconds=2)


def test_a_charge_whose_transaction_never_committed_is_undone_if_the_order_is_too_late_by_then(cluster):
    with Shop(cluster, deadline=DEADLINE) as shop:
        crashed = crash(shop.order_service, "after_effect")
        begun = time.monotonic()
        order_id = shop.order("ann", {"MOUSE-001": 1})
        assert crashed.happened.wait(10)
        assert [charge.state for charge in shop.ledger.charges()] == ["APPROVED"]
        eventually(lambda: time.monotonic() - begun > DEADLINE.total_seconds(), "the deadline is over")
        with OrderService(shop.cluster, payment=ProtectedGateway(shop.ledger)):
            assert shop.wait(order_id) == "CANCELLED"
            shop.settle()
            eventually(lambda: table(cluster, HOPS["order"], Saga)[order_id].closed, "the charge is undone")
            assert [charge.state for charge in shop.ledger.charges()] == ["VOIDED"]
            assert shop.invariants()["holds"].all(), shop.invariants()
