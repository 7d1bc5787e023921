"""The crash tests see what they are there for: a worker that commits what it has polled, and then handles it, loses it.

`test_crash_points.py` runs every crash point with the worker as it is; here the same crash hits a worker that differs
in that one thing, and each time something is missing.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from ecomkafka.broker import Broker
from ecomkafka.engine import worker as worker_module
from ecomkafka.engine.loop import Loop
from ecomkafka.engine.worker import Worker
from ecomkafka.faults import POINTS, CrashAt, crash
from ecomkafka.invariants.facts import Facts
from tests.chaos.test_crash_points import CASES, NEXT, ORDERS, RECORDS, WAIT, Stage, records_of
from tests.waiting import eventually

EXEMPT = {
    "during_commit": "the broker has the outputs and the offsets: nothing is in hand",
    "after_commit": "likewise, and the worker knows it",
}
"""Where it makes no difference when the offsets were committed."""

MUTATED = [(service, point) for service, point in CASES if point not in EXEMPT]


class CommitsFirst(Loop):
    """Says "done" of what it has polled before it does it, as a consumer with auto-commit may."""

    def _work(self) -> None:
        poll = self._consumer.poll

        def poll_and_commit(timeout_ms: int) -> object:
            polled = poll(timeout_ms)
            if polled and not (self._stale or self._membership.is_new):
                self._consumer.commit()
            return polled

        self._consumer.poll = poll_and_commit
        super()._work()


@pytest.fixture(scope="module")
def stage(broker: Broker) -> Iterator[Stage]:
    """Every instance that is started on it from now on commits first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        stage = Stage()
        patch.setattr(worker_module, "Loop", CommitsFirst)
        yield stage
        stage.close()


def mutated(stage: Stage, service: str) -> Worker:
    if not isinstance(stage.running(service)._loop, CommitsFirst):
        stage.running(service).stop()
        stage.replace(service)
    return stage.running(service)


def crash_with_records_in_hand(worker: Worker, point: str) -> CrashAt:
    """The worker's loop may come to a point when all is quiet, too: then there is nothing to lose."""
    fault, in_hand = crash(worker, point), False

    def at(here: str) -> None:
        nonlocal in_hand
        in_hand = in_hand or here == "after_poll"
        if in_hand:
            fault(here)

    worker.at = at
    return fault


def uncounted(facts: Facts) -> int:
    """Events that are in no window."""
    events = sum(len(facts.of(topic)) for topic in ("orders.events", "inventory.events", "notifications.events"))
    return events - sum(window.events for window in facts.windows) - sum(facts.late.values())


@pytest.mark.parametrize(("service", "point"), MUTATED, ids=[f"{service}-{point}" for service, point in MUTATED])
def test_a_worker_that_commits_first_loses_what_it_had_in_hand(stage, service, point):
    worker, before = mutated(stage, service), uncounted(stage.facts()) if service == "analytics" else 0
    fault = crash_with_records_in_hand(worker, point)
    customer, items, _ = ORDERS["good"]
    order_id = stage.shop.order(customer, items)
    assert fault.happened.wait(WAIT), f"nobody came to {point}"
    eventually(lambda: worker.status == "crashed", "the end of the crashed instance")
    stage.replace(service)

    facts = stage.facts()
    missed = (
        uncounted(facts) - before
        if service == "analytics"
        else (Counter(RECORDS["good"]) - records_of(facts, order_id))
    )
    assert missed, f"{service} crashed {point}, and nothing is missed"


def test_every_point_is_tried_or_exempt():
    assert {point for _, point in MUTATED} | EXEMPT.keys() == set(POINTS)
    assert {service for service, _ in MUTATED} == NEXT.keys()
