"""A service that crashed comes back when the deadline is over: what it had done outside of Kafka is undone."""

from datetime import UTC, datetime

from ecomkafka.clock import ManualClock
from ecomkafka.domain.saga import Saga
from ecomkafka.engine.changelog import table
from ecomkafka.faults import crash
from ecomkafka.flow import HOPS
from ecomkafka.gateways.payment import ProtectedGateway
from ecomkafka.services.order import OrderService
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE, eventually


def test_a_charge_whose_transaction_never_committed_is_undone_if_the_order_is_too_late_by_then(cluster):
    clock = ManualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
    with Shop(cluster, clock=clock) as shop:
        crashed = crash(shop.order_service, "after_effect")
        order_id = shop.order("ann", {"MOUSE-001": 1})
        assert crashed.happened.wait(PATIENCE)
        assert [charge.state for charge in shop.ledger.charges()] == ["APPROVED"]
        clock.advance(seconds=31)  # its deadline is over
        with OrderService(shop.cluster, clock=clock, payment=ProtectedGateway(shop.ledger)):
            assert shop.wait(order_id, PATIENCE) == "CANCELLED"
            shop.settle(PATIENCE)
            eventually(lambda: table(cluster, HOPS["order"], Saga)[order_id].closed, "the charge is undone")
            assert [charge.state for charge in shop.ledger.charges()] == ["VOIDED"]
            assert shop.invariants()["holds"].all(), shop.invariants()
