"""Orders that do not flow are seen while the run goes on, once a standstill; a fault's own time is no part of one."""

import pytest

from ecomkafka.chaos.plan import Step
from ecomkafka.chaos.result import RECOVERY_SECONDS
from ecomkafka.chaos.stall import MAX_REPORTS, StallWatch
from ecomkafka.chaos.timeline import InjectedFault, Seen, Timeline


class Watched:
    """A run second by second: each second an order is taken, which ends two seconds later if orders flow."""

    def __init__(self):
        self.now, self.timeline, self.told = 0.0, Timeline(), []
        self.watch = StallWatch(self.timeline, lambda: self.now, self.told.append)

    def goes_on(self, seconds, taken=True, ended=True):
        for _ in range(seconds):
            self.now += 1.0
            if taken:
                self.timeline.accepted.append((self.now, f"O-{self.now:.0f}"))
            if ended:
                self.timeline.seen.append(Seen(self.now, 0, f"O-{self.now - 2.0:.0f}", "confirmed"))
            self.watch.look()


LONG = int(RECOVERY_SECONDS) + 5


@pytest.fixture
def run():
    return Watched()


def test_while_orders_flow_there_is_none(run):
    run.goes_on(10 * LONG)
    assert run.told == []


def test_an_order_that_waits_for_longer_than_a_recovery_may_take_is_told_once(run):
    run.goes_on(10)
    run.goes_on(int(RECOVERY_SECONDS) - 2, ended=False)
    assert run.told == []
    run.goes_on(2 * LONG, ended=False)
    (told,) = run.told
    assert told.startswith("O-9, taken after 9.0 s, had no end after 24.0 s")


def test_that_only_some_orders_end_is_one_too(run):
    """One partition of three stands still."""
    run.goes_on(10)
    run.timeline.accepted.append((10.5, "stuck"))
    run.goes_on(LONG)
    (told,) = run.told
    assert told.startswith("stuck, ")


def test_that_no_order_is_taken_is_one_while_customers_order(run):
    run.goes_on(10)
    run.goes_on(2)
    run.timeline.seen += [Seen(12.0, 0, f"O-{n}", "confirmed") for n in (11, 12)]
    run.goes_on(LONG, taken=False, ended=False)
    assert run.told == ["no order was taken from 12.0 to 27.0 s"]


def test_without_customers_only_who_waits_counts(run):
    run.goes_on(10)
    run.goes_on(2, taken=False)
    run.watch.ordering = False
    run.goes_on(2 * LONG, taken=False, ended=False)
    assert run.told == []


def test_while_a_fault_stops_orders_there_is_none_and_its_time_does_not_count(run):
    run.goes_on(10)
    outage = Step(10.0, "broker-freeze-long", "node-1", 30.0)
    run.timeline.under_way.append((10.0, outage))
    run.goes_on(30, ended=False)
    run.timeline.under_way.remove((10.0, outage))
    run.timeline.injected.append(InjectedFault(outage, 10.0, 40.0))
    run.goes_on(int(RECOVERY_SECONDS) - 2, ended=False)
    assert run.told == []
    run.goes_on(2, ended=False)
    assert len(run.told) == 1


def test_a_fault_that_stops_no_order_is_no_excuse(run):
    run.goes_on(10)
    run.timeline.under_way.append((10.0, Step(10.0, "mail-down", "mail", 30.0)))
    run.goes_on(LONG, ended=False)
    assert len(run.told) == 1


def test_each_standstill_is_told_but_no_more_than_a_few(run):
    for _ in range(MAX_REPORTS + 2):
        run.goes_on(5)
        run.goes_on(LONG, ended=False)
    assert len(run.told) == MAX_REPORTS
