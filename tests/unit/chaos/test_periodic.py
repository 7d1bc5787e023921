"""A task of every second: how long it takes moves nothing, and what it missed is not made up for."""

from types import SimpleNamespace

import pytest

from ecomkafka.chaos import periodic
from ecomkafka.chaos.periodic import PeriodicTask


class Stopping:
    """Time passes only while somebody waits; it is over after four runs."""

    def __init__(self):
        self.now, self.began = 0.0, []

    def wait(self, seconds):
        self.now += seconds
        return len(self.began) == 4


@pytest.mark.parametrize(("takes", "began"), [(0.0, [1, 2, 3, 4]), (0.4, [1, 2, 3, 4]), (2.5, [1, 3.5, 6, 8.5])])
def test_it_begins_every_second_unless_it_takes_longer_itself(takes, began, monkeypatch):
    stopping = Stopping()
    monkeypatch.setattr(periodic, "time", SimpleNamespace(monotonic=lambda: stopping.now))

    def act():
        stopping.began.append(stopping.now)
        stopping.now += takes

    task = PeriodicTask("a task", act)
    task._stopping = stopping
    task.run()
    assert stopping.began == pytest.approx(began)
