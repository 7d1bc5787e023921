"""Ctrl-C always reaches the caller, whatever a client is doing, and the next call works.

kafka-python's event loop runs in the caller's thread, and takes an interrupt for an error of the coroutine that runs.
"""

import sys
from collections import Counter
from contextlib import closing
from random import Random
from signal import SIGINT, SIGTERM, default_int_handler, raise_signal, signal

import pytest

from ecomkafka.clients.reader import read
from ecomkafka.engine.producer_record import Sender
from ecomkafka.messages import Release
from tests.waiting import PATIENCE
from tests.workers import AT, REQUESTS

INTERRUPTS = 100
CALLS = 1_500
"""Python functions that a request calls, about."""


@pytest.fixture(autouse=True)
def by_default():
    """As in a program and in a notebook's cell."""
    before = {number: signal(number, default_int_handler) for number in (SIGINT, SIGTERM)}
    yield
    for number, handler in before.items():
        signal(number, handler)


@pytest.fixture
def requests(cluster):
    with closing(cluster.requests("interrupted")) as mine:
        yield mine


@pytest.mark.parametrize("number", [SIGINT, SIGTERM])
def test_an_interrupt_while_another_coroutine_runs_reaches_who_waits_and_the_client_goes_on(requests, number):
    async def interrupted():
        raise_signal(number)

    requests.start(interrupted)
    with pytest.raises(KeyboardInterrupt):
        requests.ask(PATIENCE, "the brokers are known", requests.connections.cluster.refresh_metadata)
    requests.ask(PATIENCE, "the brokers are known", requests.connections.cluster.refresh_metadata)


class Interrupt:
    """SIGINT at the `left`-th call of a Python function of a client from now on."""

    def __init__(self, left):
        self._left = left
        self.happened = False

    def __enter__(self):
        sys.setprofile(self._count)
        return self

    def __exit__(self, *exception):
        sys.setprofile(None)

    def _count(self, frame, event, _):
        if self.happened or event != "call" or "kafka" not in frame.f_globals.get("__name__", ""):
            return
        self._left -= 1
        if self._left == 0:
            self.happened = True
            raise_signal(SIGINT)


def test_an_interrupt_at_any_moment_of_a_request_reaches_the_caller_and_tears_nothing(cluster):
    random, acknowledged, lost = Random(5), [], []
    number = 0

    def send():
        nonlocal number
        number += 1
        sender.send([Release(order_id=f"O-{number}", warehouse_id=place, at=AT) for place in ("NORTH", "SOUTH")])
        acknowledged.append(f"O-{number}")

    with closing(Sender(cluster, "client")) as sender:
        for _ in range(INTERRUPTS):
            moment = random.randint(1, CALLS)
            try:
                with Interrupt(moment) as interrupt:
                    while not interrupt.happened:
                        send()
                lost.append(moment)
            except KeyboardInterrupt:
                pass
            send()
    there = Counter(record.message.order_id for record in read(cluster, REQUESTS))
    assert lost == []
    assert set(acknowledged) <= there.keys()
    assert set(there.values()) == {2}
