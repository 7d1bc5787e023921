"""A crash of the drill comes in the batch that had an effect, and where there is none at once."""

import pytest

from ecomkafka.clients import Cluster
from ecomkafka.engine.worker import Crash
from ecomkafka.faults import POINTS
from ecomkafka.lessons.chaos_day.crash_drill import drill
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.notification import NotificationService

BEHIND = POINTS[POINTS.index("after_effect") + 1 :]
WITHOUT_EFFECT = tuple(point for point in POINTS if point != "after_effect")


def crashes(worker, points):
    """Where it crashes on its way through these points, if it does."""
    for point in points:
        try:
            worker.at(point)
        except Crash:
            return point
    return None


@pytest.mark.parametrize("point", BEHIND)
def test_behind_the_effect_it_comes_in_the_batch_that_had_it_and_once(point):
    worker = NotificationService(Cluster.of("localhost:9092"))
    fault = drill(worker, point)
    assert [crashes(worker, way) for way in (WITHOUT_EFFECT, POINTS, POINTS)] == [None, point, None]
    assert fault.happened.is_set()


@pytest.mark.parametrize("point", ["after_poll", "after_effect"])
def test_up_to_the_effect_it_comes_at_once(point):
    worker = NotificationService(Cluster.of("localhost:9092"))
    drill(worker, point)
    assert crashes(worker, POINTS) == point


@pytest.mark.parametrize("point", WITHOUT_EFFECT)
def test_a_service_without_an_effect_crashes_at_once(point):
    worker = AnalyticsService(Cluster.of("localhost:9092"))
    drill(worker, point)
    assert crashes(worker, WITHOUT_EFFECT) == point


def test_a_point_that_is_none_is_named():
    with pytest.raises(ValueError, match="point is 'after_lunch'"):
        drill(AnalyticsService(Cluster.of("localhost:9092")), "after_lunch")
