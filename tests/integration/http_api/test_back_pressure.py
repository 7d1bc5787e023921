"""When Kafka takes no orders, or the gateway is struck: nobody waits for ever, and what was accepted is in Kafka."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from re import findall

import httpx
import pytest
from kafka.protocol.api_key import ApiKey

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.faults.network_proxy import Fault, Proxy
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.sql_tables import METADATA
from ecomkafka.http_api import readiness
from ecomkafka.http_api.limits import Limits
from ecomkafka.http_api.server import Gateway
from ecomkafka.messages import OrderCreated
from ecomkafka.services.order import OrderService
from tests.commands import Commands
from tests.integration.http_api.test_orders import ORDER
from tests.waiting import PATIENCE, eventually


@pytest.fixture
def queries() -> Iterator[OrderQueries]:
    """A read model that has heard of nothing."""
    found = OrderQueries()
    METADATA.create_all(found.engine)
    yield found
    found.engine.dispose()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    opened = Proxy()
    yield opened
    opened.close()


def placed(cluster: Cluster) -> set[str]:
    return {r.message.order_id for r in read(cluster, "orders.events") if isinstance(r.message, OrderCreated)}


def test_while_kafka_is_away_orders_are_refused_and_afterwards_taken(
    cluster: Cluster, queries: OrderQueries, proxy: Proxy
) -> None:
    limits = Limits(queue=5, patience=2)
    with (
        Gateway(OrderService(proxy.through(cluster), "away"), queries, limits=limits) as gateway,
        httpx.Client(base_url=gateway.url, timeout=PATIENCE) as http,
    ):
        accepted = [http.post("/orders", json=ORDER)]
        assert http.get("/ready").status_code == 200

        def post(number: int) -> httpx.Response:
            return http.post("/orders", json=ORDER, headers={"Idempotency-Key": f"k-{number}"})

        with proxy.down():
            with ThreadPoolExecutor(20) as pool:
                refused = list(pool.map(post, range(20)))
            assert {answer.status_code for answer in refused} == {503}
            assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
            assert any("5 orders wait already" in answer.text for answer in refused)
            assert eventually(lambda: http.get("/ready").status_code == 503, "the gateway says that it is not ready")
            assert http.get("/live").status_code == 200
        accepted += [eventually(lambda n=n: a if (a := post(n)).is_success else None) for n in range(20)]
    ids = {answer.json()["order_id"] for answer in accepted}
    assert len(ids) == 21
    assert placed(cluster) == ids, "what was refused is there only by its repetition"


def test_an_order_whose_commit_was_not_answered_is_sent_again_until_it_is_known(
    cluster: Cluster, queries: OrderQueries, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TransactionalProducer, "timeout", 1.0)
    limits = Limits(patience=60)
    with Gateway(OrderService(proxy.through(cluster), "unsure"), queries, limits=limits) as gateway:
        lost = proxy.on(ApiKey.EndTxn, Fault.SWALLOW_ANSWER)
        answer = httpx.post(f"{gateway.url}/orders", json=ORDER, timeout=120)
        assert lost.happened.is_set()
        assert answer.status_code == 202
        assert placed(cluster) == {answer.json()["order_id"]}


def test_where_it_stays_unknown_whether_an_order_was_placed_nobody_says_that_it_was_not(
    cluster: Cluster, queries: OrderQueries, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TransactionalProducer, "timeout", 1.0)
    with (
        Gateway(OrderService(proxy.through(cluster), "unsure"), queries, limits=Limits(patience=10)) as gateway,
        ThreadPoolExecutor(1) as pool,
    ):

        def post() -> httpx.Response:
            headers = {"Idempotency-Key": "unsure"}
            return httpx.post(f"{gateway.url}/orders", json=ORDER, headers=headers, timeout=120)

        lost = proxy.on(ApiKey.EndTxn, Fault.SWALLOW_ANSWER)
        asked = pool.submit(post)
        eventually(lost.happened.is_set, "the commit is on its way")
        with proxy.down():
            answer = asked.result(120)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "is not known: repeat it with its Idempotency-Key" in answer.json()["detail"]
        again = eventually(lambda: a if (a := post()).is_success else None, "Kafka takes orders again")
        assert placed(cluster) == {again.json()["order_id"]}


def test_a_read_model_that_does_not_follow_makes_the_gateway_unready(
    cluster: Cluster, queries: OrderQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "BEHIND_SECONDS", 0.1)
    with (
        Gateway(OrderService(cluster, "behind"), queries) as gateway,
        httpx.Client(base_url=gateway.url, timeout=PATIENCE) as http,
    ):
        assert http.get("/ready").status_code == 200
        http.post("/orders", json=ORDER)
        answer = eventually(lambda: a if (a := http.get("/ready")).status_code == 503 else None, "it is behind")
        assert "the read model is" in answer.json()["detail"]


def test_who_waits_is_no_burden_without_a_bound_and_is_let_go_when_the_gateway_stops(
    cluster: Cluster, queries: OrderQueries
) -> None:
    with (
        Gateway(OrderService(cluster, "wait"), queries, limits=Limits(waiting=1)) as gateway,
        httpx.Client(base_url=gateway.url, timeout=PATIENCE) as http,
        ThreadPoolExecutor(1) as pool,
    ):
        href = http.post("/orders", json=ORDER).json()["href"]
        first = pool.submit(http.get, href, params={"wait": 30})
        eventually(lambda: gateway.desk.waiting == 1, "one client waits")
        assert http.get(href, params={"wait": 30}).json()["status"] == "PENDING"
        assert not first.done()
        gateway.stop()
        assert first.result(PATIENCE).json()["status"] == "PENDING"


def test_a_gateway_that_is_told_to_stop_answers_what_is_in_hand(cluster: Cluster, queries: OrderQueries) -> None:
    answers: list[httpx.Response] = []

    def client(http: httpx.Client, number: int) -> None:
        try:
            for count in range(1_000):
                answers.append(http.post("/orders", json=ORDER, headers={"Idempotency-Key": f"{number}-{count}"}))
        except httpx.TransportError:
            return  # the door is closed

    with (
        Gateway(OrderService(cluster, "stop"), queries, limits=Limits(rate=10_000, burst=10_000)) as gateway,
        httpx.Client(base_url=gateway.url, timeout=PATIENCE) as http,
    ):
        threads = [threading.Thread(target=client, args=(http, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(answers) > 40, "orders are flowing")
        gateway.stop()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)
    accepted = {answer.json()["order_id"] for answer in answers if answer.status_code == 202}
    assert len(accepted) > 40
    assert {answer.status_code for answer in answers} <= {202, 503}
    assert placed(cluster) >= accepted


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_accepted_before_a_kill_is_in_kafka_and_a_repetition_doubles_nothing(
    cluster: Cluster, tmp_path: Path, end: signal.Signals
) -> None:
    commands = Commands(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    database = OrderQueries(f"sqlite:///{tmp_path / 'orders.sqlite'}")
    METADATA.create_all(database.engine)
    database.engine.dispose()
    answers: dict[str, str] = {}
    asked: set[str] = set()

    def post(url: str, key: str) -> None:
        asked.add(key)
        answer = httpx.post(f"{url}/orders", json=ORDER, headers={"Idempotency-Key": key}, timeout=PATIENCE)
        if answer.status_code == 202:
            answers[key] = answer.json()["order_id"]

    def until_it_is_gone(url: str, number: int) -> None:
        try:
            for count in range(1_000):
                post(url, f"{number}-{count}")
        except httpx.TransportError:
            return

    with commands.start("gateway", "--port", "0") as process, ThreadPoolExecutor(4) as pool:
        assert process.stdout is not None
        (url,) = findall(r"http://127.0.0.1:\d+", process.stdout.readline())
        running = [pool.submit(until_it_is_gone, url, number) for number in range(4)]
        eventually(lambda: len(answers) > 20, "orders are flowing")
        process.send_signal(end)
        process.communicate(timeout=PATIENCE)
        for client in running:
            client.result(PATIENCE)
    before = dict(answers)
    assert placed(cluster) >= set(before.values())
    with commands.start("gateway", "--port", "0") as process:
        assert process.stdout is not None
        (url,) = findall(r"http://127.0.0.1:\d+", process.stdout.readline())
        for key in sorted(asked):
            post(url, key)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert {key: answers[key] for key in before} == before
    assert placed(cluster) == set(answers.values())
    assert len(set(answers.values())) == len(asked)
