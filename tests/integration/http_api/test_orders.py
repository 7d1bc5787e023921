"""Orders by HTTP: placed, repeated, found; on a real Kafka, by real connections."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.sql_tables import METADATA
from ecomkafka.http_api.server import Gateway
from ecomkafka.messages import OrderCreated
from ecomkafka.services.order import OrderService
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE

ORDER = {"customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 2}]}
OTHER = {**ORDER, "customer_id": "bob"}


def created(shop: Shop, order_id: str) -> list[OrderCreated]:
    """What the log has of the order's beginning."""
    messages = [record.message for record in read(shop.cluster, "orders.events")]
    return [m for m in messages if isinstance(m, OrderCreated) and m.order_id == order_id]


def test_an_order_is_accepted_and_can_be_followed_to_its_end(http: httpx.Client, shop: Shop) -> None:
    answer = http.post("/orders", json=ORDER)
    assert answer.status_code == 202
    order_id = answer.json()["order_id"]
    assert answer.headers["location"] == answer.json()["href"] == f"/orders/{order_id}"
    assert len(created(shop, order_id)) == 1
    found = http.get(answer.headers["location"], params={"wait": 30}).json()
    assert (found["status"], found["customer_id"], Decimal(found["total"])) == ("CONFIRMED", "ann", Decimal("59.98"))
    assert found["lines"] == [{"product_id": "MOUSE-001", "quantity": 2, "price": "29.99"}]


def test_an_order_that_was_just_accepted_is_known(cluster: Cluster) -> None:
    """The read model is a moment behind: a client must not be told that its order is unknown."""
    behind = OrderQueries()
    METADATA.create_all(behind.engine)
    with Gateway(OrderService(cluster), behind) as gateway:
        answer = httpx.post(f"{gateway.url}/orders", json=ORDER, timeout=PATIENCE)
        found = httpx.get(gateway.url + answer.headers["location"], timeout=PATIENCE)
        assert (found.status_code, found.json()["status"]) == (200, "PENDING")
    behind.engine.dispose()


def test_without_the_read_model_nobody_is_told_what_is_not_known(cluster: Cluster) -> None:
    with Gateway(OrderService(cluster), OrderQueries()) as gateway:
        answers = [
            httpx.post(f"{gateway.url}/orders", json=ORDER, headers={"Idempotency-Key": "k"}, timeout=PATIENCE),
            httpx.get(f"{gateway.url}/orders/x", timeout=PATIENCE),
        ]
    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert read(cluster, "orders.events") == []


def test_an_order_that_can_not_be_had_is_cancelled_with_its_reason(http: httpx.Client) -> None:
    much = {"customer_id": "ann", "items": [{"product_id": "LAPTOP-001", "quantity": 1_000}]}
    found = http.get(http.post("/orders", json=much).headers["location"], params={"wait": 30}).json()
    assert (found["status"], found["reason"]) == ("CANCELLED", "INSUFFICIENT_STOCK")


def test_a_key_makes_a_repeated_request_one_order_with_one_answer(http: httpx.Client, shop: Shop) -> None:
    answers = [http.post("/orders", json=ORDER, headers={"Idempotency-Key": key}) for key in ('"k-1"', "k-1")]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert shop.wait(answers[0].json()["order_id"]) == "CONFIRMED"


def test_a_key_works_when_many_requests_come_at_once(http: httpx.Client, shop: Shop) -> None:
    def post(_: int) -> httpx.Response:
        return http.post("/orders", json=ORDER, headers={"Idempotency-Key": "at-once"})

    shop.settle()
    before = shop.stock().loc["MOUSE-001", "on hand"]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(post, range(32)))
    assert Counter(answer.status_code for answer in answers) == {202: 32}
    (order_id,) = {answer.json()["order_id"] for answer in answers}
    assert shop.wait(order_id) == "CONFIRMED"
    shop.settle()
    assert before - shop.stock().loc["MOUSE-001", "on hand"] == 2
    assert len([charge for charge in shop.ledger.charges() if charge.order_id == order_id]) == 1


def test_another_gateway_knows_the_key_when_the_answer_was_lost(http: httpx.Client, shop: Shop) -> None:
    """The first one may have crashed: it had nothing that the second does not have."""
    lost = http.post("/orders", json=ORDER, headers={"Idempotency-Key": "lost"})
    with shop.gateway() as second:
        again = httpx.post(f"{second.url}/orders", json=ORDER, headers={"Idempotency-Key": "lost"}, timeout=PATIENCE)
        assert (again.status_code, again.content) == (202, lost.content)
        shop.wait(lost.json()["order_id"])
        late = httpx.post(f"{second.url}/orders", json=ORDER, headers={"Idempotency-Key": "lost"}, timeout=PATIENCE)
        assert (late.status_code, late.content) == (202, lost.content)
        other = httpx.post(f"{second.url}/orders", json=OTHER, headers={"Idempotency-Key": "lost"}, timeout=PATIENCE)
        assert other.status_code == 422
    assert len([charge for charge in shop.ledger.charges() if charge.order_id == lost.json()["order_id"]]) == 1


def test_what_the_saga_has_forgotten_is_in_the_read_model_and_is_not_sent_again(http: httpx.Client, shop: Shop) -> None:
    first = http.post("/orders", json=ORDER, headers={"Idempotency-Key": "old"})
    order_id = first.json()["order_id"]
    shop.wait(order_id)
    assert http.post("/orders", json=ORDER, headers={"Idempotency-Key": "old"}).content == first.content
    assert len(created(shop, order_id)) == 1


def test_a_key_with_another_order_is_refused_and_harms_no_other_order(http: httpx.Client, shop: Shop) -> None:
    def post(number: int) -> int:
        body = OTHER if number % 4 == 1 else ORDER
        key = "one" if number % 4 < 2 else f"own-{number}"
        return http.post("/orders", json=body, headers={"Idempotency-Key": key}).status_code

    assert post(0) == 202
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(post, range(32)))
    assert statuses == [422 if number % 4 == 1 else 202 for number in range(32)]


def test_a_key_belongs_to_what_was_accepted_and_not_to_what_was_refused(http: httpx.Client) -> None:
    wrong = {**ORDER, "items": []}
    assert http.post("/orders", json=wrong, headers={"Idempotency-Key": "second-try"}).status_code == 400
    assert http.post("/orders", json=ORDER, headers={"Idempotency-Key": "second-try"}).status_code == 202


def test_without_a_key_each_request_is_an_order(http: httpx.Client) -> None:
    assert len({http.post("/orders", json=ORDER).json()["order_id"] for _ in range(3)}) == 3


def test_no_order_is_a_404(http: httpx.Client) -> None:
    answer = http.get("/orders/nowhere", params={"wait": 0})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "nowhere" in answer.json()["detail"]


def test_a_shop_that_is_not_open_has_no_front_door(cluster: Cluster) -> None:
    closed = Shop(cluster)
    try:
        with pytest.raises(RuntimeError, match="the shop is not open"):
            closed.gateway()
    finally:
        closed.stop()


def test_a_shop_closes_its_front_door_behind_it(cluster: Cluster) -> None:
    with Shop(cluster) as shop:
        url = shop.gateway().url
        assert httpx.get(f"{url}/live", timeout=PATIENCE).status_code == 200
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/live", timeout=PATIENCE)
