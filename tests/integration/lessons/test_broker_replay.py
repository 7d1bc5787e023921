"""Kept traces of the model checker on the real broker: the order services do there what they did in the model."""

from datetime import UTC, datetime

import pytest

from ecomkafka.clients import Cluster
from ecomkafka.clock import ManualClock
from ecomkafka.lessons.naive_saga import NaiveOrders
from ecomkafka.lessons.sagas.broker_replay import replay
from ecomkafka.services.order import OrderService
from tests.unit.model_checking.kept import kept

EARLY = "an_answer_is_faster_than_its_order"


@pytest.mark.parametrize(
    ("service", "events"),
    [(NaiveOrders, ["ORDER_CREATED"]), (OrderService, ["ORDER_CREATED", "ORDER_CONFIRMED"])],
    ids=["naive", "the shop's"],
)
def test_a_trace_ends_on_the_broker_as_in_the_model(
    cluster: Cluster, service: type[OrderService], events: list[str]
) -> None:
    """The naive saga drops the early answer and leaves the order pending; the shop's confirms it."""
    clock = ManualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
    running = service(cluster, clock=clock).start()
    try:
        assert replay(cluster, clock, kept(EARLY), "O-1") == events
    finally:
        running.stop()
