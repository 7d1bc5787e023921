"""Where and how often a crash comes; what it does to a service is in tests/chaos."""

import pytest

from ecomkafka.clients import Cluster
from ecomkafka.engine.worker import Crash
from ecomkafka.faults import POINTS, crash
from ecomkafka.services.analytics import AnalyticsService


@pytest.fixture
def worker():
    return AnalyticsService(Cluster.of("localhost:9092"))


def crashes(worker, point):
    try:
        worker.at(point)
    except Crash:
        return True
    return False


@pytest.mark.parametrize("point", POINTS)
def test_it_comes_at_its_point_and_once(worker, point):
    fault = crash(worker, point)
    assert not any(crashes(worker, other) for other in POINTS if other != point)
    assert not fault.happened.is_set()
    assert [crashes(worker, point) for _ in range(3)] == [True, False, False]
    assert fault.happened.is_set()


def test_it_can_come_later_and_more_than_once(worker):
    crash(worker, "after_produce", times=2, after=3)
    assert [crashes(worker, "after_produce") for _ in range(6)] == [False, False, False, True, True, False]


def test_a_point_that_is_none_is_named(worker):
    with pytest.raises(ValueError, match="point is 'after_lunch': after_poll, after_effect"):
        crash(worker, "after_lunch")
