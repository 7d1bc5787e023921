"""Several threads start and stop one shop: it is open or closed afterwards, and nothing in between."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecomkafka.shop import Shop
from tests.selling import BASKET, sells
from tests.waiting import PATIENCE

pytestmark = pytest.mark.usefixtures("on_the_tests_broker")

A_WHILE = 0.5
"""Seconds in which what must wait does not end."""


@pytest.mark.parametrize("processes", [False, True])
def test_who_stops_a_shop_that_another_thread_starts_waits_and_then_stops_it(processes, monkeypatch):
    shop = Shop(processes=processes)
    listen, inside, go_on = shop.mail_server.start, threading.Event(), threading.Event()

    def in_the_middle():
        inside.set()
        assert go_on.wait(PATIENCE)
        return listen()

    monkeypatch.setattr(shop.mail_server, "start", in_the_middle)
    with ThreadPoolExecutor() as pool:
        starting = pool.submit(shop.start)
        assert inside.wait(PATIENCE)
        stopping = pool.submit(shop.stop)
        with pytest.raises(TimeoutError):
            stopping.result(A_WHILE)
        go_on.set()
        assert starting.result(PATIENCE) is shop
        stopping.result(PATIENCE)
    with pytest.raises(RuntimeError, match="not open"):
        shop.order("ann", BASKET)
    with shop:
        sells(shop)


def test_two_threads_that_stop_a_shop_stop_it_once():
    shop = Shop().start()
    stopped = []
    shop.on_close(lambda: stopped.append(True))
    with ThreadPoolExecutor() as pool:
        for stopping in [pool.submit(shop.stop) for _ in range(4)]:
            stopping.result(PATIENCE)
    assert stopped == [True]
    assert [worker.status for worker in shop.services] == ["stopped"] * 4
