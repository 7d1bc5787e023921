"""Visits of a customer: a late order between two of them makes them one."""

import json
from datetime import UTC, datetime, timedelta

from ecomkafka.streams import driver, start_java, visits

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_late_order_unites_two_visits():
    start_java()
    from java.time import Duration

    first, late, last = (NOON + timedelta(minutes=minutes) for minutes in (0, 90, 180))
    with driver(visits.topology("orders", Duration.ofHours(2), Duration.ofDays(1))) as test:

        def order(at):
            event = {"type": "ORDER_CREATED", "customer_id": "ann", "at": at.isoformat()}
            test.pipe("orders", f"order of {at:%H:%M}", json.dumps(event), at)

        order(first)
        order(last)
        assert test.store(visits.STORE) == {("ann", first, first): "1", ("ann", last, last): "1"}
        order(late)
        assert test.store(visits.STORE) == {("ann", first, last): "3"}
