"""A broker that can't write any more ends, and takes no order; with room on its disk all is well again."""

import pytest
from kafka.errors import KafkaError

from ecomkafka import faults
from ecomkafka.broker import Broker, BrokerError
from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.invariants.witness import Witness
from ecomkafka.shop import Shop
from tests.waiting import eventually


def test_a_full_disk_loses_nothing_and_takes_no_order(monkeypatch):
    with Broker() as broker:
        monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        with Shop() as shop, Witness(shop.cluster) as witness:
            before = shop.order("ann", {"MOUSE-001": 1})
            assert shop.wait(before) == "CONFIRMED"
            (node,) = broker.nodes
            faults.disk_full(node)
            with pytest.raises((KafkaError, ConnectionError, UnknownOutcomeError)):
                shop.order("bob", {"MOUSE-001": 1}, "REFUSED")
            eventually(lambda: node.process is None, "the broker has ended")

            node.start()
            node.wait()
            after = shop.order("bob", {"MOUSE-001": 1}, "REFUSED")
            assert shop.wait(after, 60) == "CONFIRMED"
            shop.settle(60)
            assert shop.invariants(witness).query("not holds")["first"].to_dict() == {}
            assert len(shop.orders()) == 2


def test_only_a_broker_that_runs_can_have_a_full_disk():
    with Broker() as broker:
        (node,) = broker.nodes
        node.kill()
        with pytest.raises(BrokerError, match="does not run: start it first"):
            faults.disk_full(node)
