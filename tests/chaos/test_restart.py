"""A restart reads back what is open and what is remembered, however much has ended; see `benchmarks/restore.py`."""

import pytest

from benchmarks.restore import end_orders, records_read, services
from ecomkafka.clients.reader import read
from ecomkafka.engine import changelog
from ecomkafka.engine.state import State
from ecomkafka.messages import Released
from tests.waiting import eventually
from tests.workers import ANSWERS, CHANGELOG, Counting, Tally, ask

MODEL = 20
"""The shop as a model: so many times less is remembered, and a checkpoint is due so much earlier."""


@pytest.fixture(autouse=True)
def _model(monkeypatch):
    monkeypatch.setattr(State, "remember", State.remember // MODEL)
    monkeypatch.setattr(changelog, "CHECKPOINT_AFTER", changelog.CHECKPOINT_AFTER // MODEL)


def restart(service):
    """The records that it reads back, how many it may by the rule of checkpoints, and how many values it then holds."""
    with service:
        sizes = [len(state) for state in service._loop.states.values()]
        return records_read(service), sum(max(changelog.CHECKPOINT_AFTER, 3 * size) for size in sizes), sum(sizes)


def test_a_restart_reads_the_newest_of_what_has_ended(cluster):
    """As much after 1,200 orders as after 800; in the model's measure 24,000 and 16,000."""
    for orders in (800, 400):
        end_orders(cluster, orders)
        for service in services(cluster):
            history = len(read(cluster, service.hop.changelog))
            records, most, size = restart(service)
            assert 0 < records <= most
            assert 2 * records < history
            assert size <= 3 * (State.remember + 50), "memory is flat"


class Forgetting(Counting):
    """Nothing is left of a request when it is answered."""

    def handle(self, record, state):
        message = record.message
        state.put(message.order_id, Tally(count=1))
        state.delete(message.order_id)
        return [Released(order_id=message.order_id, warehouse_id=message.warehouse_id, at=message.at)]


def test_restart_after_restart_does_not_put_the_checkpoint_off(cluster):
    """What was read back counts: an instance that never lives long enough to write much would never be due."""
    per_life = changelog.CHECKPOINT_AFTER // 3
    most = 0
    for life in range(7):
        with Forgetting(cluster) as worker:
            most = max(most, records_read(worker))
            ask(cluster, per_life, start=life * per_life, partitions=[0])
            eventually(lambda worker=worker: worker.handled == per_life, "all is handled")
    assert len(read(cluster, ANSWERS)) == 7 * per_life
    assert len(read(cluster, CHANGELOG)) > 2 * changelog.CHECKPOINT_AFTER
    assert changelog.CHECKPOINT_AFTER / 2 < most <= changelog.CHECKPOINT_AFTER
