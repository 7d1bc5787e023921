"""The doors of lesson 16 and their clients: real HTTP on this machine."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import httpx
import pytest

from ecomkafka.lessons.front_door.desk import Desk
from ecomkafka.lessons.front_door.door import Door
from ecomkafka.lessons.front_door.rush import GAVE_UP, ask, rush
from ecomkafka.lessons.front_door.tunnel import Tunnel
from ecomkafka.waiting import until
from tests.waiting import PATIENCE


class Queue:
    def __init__(self, places=1_000):
        self.waiting, self.places = [], places

    def put(self, order):
        if len(self.waiting) >= self.places:
            return False
        self.waiting.append(order)
        return True


def test_a_door_answers_with_what_its_function_returns():
    with Door(lambda order: (202, {"given": order})) as door:
        request = Request(door.url, json.dumps({"a": 1}).encode(), method="POST")
        with urlopen(request, timeout=PATIENCE) as answer:
            assert (answer.status, json.load(answer)) == (202, {"given": {"a": 1}})


def test_a_tunnel_loses_answers_and_never_requests():
    seen = []
    with Door(lambda order: (202, seen.append(order))) as door, Tunnel(door.url) as tunnel:
        tunnel.lost = 1
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(tunnel.url, json={"n": 1})
        assert httpx.post(tunnel.url, json={"n": 2}).status_code == 202
    assert seen == [{"n": 1}, {"n": 2}]


def test_a_desk_answers_in_the_sequence_of_its_queue_and_refuses_what_may_not_wait():
    with Desk(Queue()) as desk:
        assert ask(desk.url, patience=10)[1] == 202
    with Desk(Queue(places=0)) as desk:
        answer = httpx.post(desk.url, json={})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_who_gives_up_tries_again_as_often_as_allowed_and_each_attempt_is_noted():
    with Desk(Queue(), away_after=1, away_for=1.0) as desk:
        assert ask(desk.url, patience=10)[1] == 202
        found = rush(desk.url, per_second=10, seconds=0.1, patience=0.1, attempts=3)
    assert found["status"].tolist() == [GAVE_UP] * 3
    assert found["attempt"].tolist() == [0, 1, 2]


def test_who_is_answered_does_not_come_again():
    with Desk(Queue()) as desk:
        found = rush(desk.url, per_second=20, seconds=0.1, patience=10, attempts=4)
    assert (found["status"].tolist(), found["attempt"].tolist()) == ([202, 202], [0, 0])


def test_an_order_in_work_has_its_place_until_it_is_done_and_refused_orders_came_too():
    queue = Queue(places=1)
    with Desk(queue, away_after=1, away_for=60.0) as desk, ThreadPoolExecutor(1) as pool:
        assert ask(desk.url, patience=10)[1] == 202
        late = pool.submit(ask, desk.url, 0.2)
        until(lambda: len(queue.waiting) == 1, what="the second order")
        assert ask(desk.url, patience=10)[1] == 503
        assert (late.result()[1], desk.came) == (GAVE_UP, 3)
