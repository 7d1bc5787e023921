"""Three brokers: the shop goes on without the leader of any topic; without a majority it takes no order, and lies to
nobody.
"""

import pytest

from ecomkafka.chaos.plan import TOPICS
from tests.proof.load import first_orders, load

KILLS = ("leader-kill", "majority-kill")
OUTAGE_SECONDS = 6.0
DYING_SECONDS = 2.0
"""So soon both are dead, and what they had already committed is told."""


@pytest.mark.timeout(900)
def test_leaders_and_then_a_majority_are_killed_under_orders_and_nothing_is_lost():
    with load(brokers=3) as running:
        with running.ordering(seed=1):
            first_orders(running)
            for topic in TOPICS[:3]:
                running.strike(KILLS[0], topic, 0.0)
            outage = running.strike(KILLS[1], "node-1", OUTAGE_SECONDS)
        accepted = [at for at, _ in running.timeline.accepted]
        assert not [at for at in accepted if outage.at + DYING_SECONDS < at < outage.at + OUTAGE_SECONDS]
        assert [at for at in accepted if at > outage.healed]
        assert running.violations() == {}
