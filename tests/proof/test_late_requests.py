"""Requests of transactions that come late, under load: no order is lost, doubled or left open by a torn transaction."""

import pytest

from ecomkafka.chaos.plan import INSIDE
from tests.proof.load import first_orders, load

SECONDS = 5.0
TARGETS = next(fault.targets for fault in INSIDE if fault.name == "requests-late")


@pytest.mark.timeout(360)
def test_after_late_requests_of_each_kind_every_invariant_holds():
    with load() as running:
        with running.ordering(seed=1):
            first_orders(running)
            for target in TARGETS:
                running.strike("requests-late", target, SECONDS)
        assert running.violations() == {}
