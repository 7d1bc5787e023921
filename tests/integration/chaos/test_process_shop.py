"""The shop of a chaos run: its facts are gathered also when Kafka has just come back and is slow."""

import threading

from ecomkafka.chaos.chaos_run import SETTLE_SECONDS
from ecomkafka.chaos.plan import SERVICES
from ecomkafka.chaos.process_shop import ProcessShop
from ecomkafka.invariants.witness import Witness

LONGER_THAN_A_CLIENT_WAITS = 5.0


def test_facts_are_asked_for_again_while_kafka_does_not_answer():
    with ProcessShop(SERVICES) as shop, Witness(shop.cluster) as witness:
        assert shop.settle(SETTLE_SECONDS)
        before = shop.facts(witness)
        (node,) = shop.broker.nodes
        node.pause()
        thaw = threading.Timer(LONGER_THAN_A_CLIENT_WAITS, node.resume)
        thaw.start()
        try:
            assert shop.facts(witness).stock == before.stock
        finally:
            thaw.join()
