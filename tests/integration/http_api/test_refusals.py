"""What is wrong is refused with its reasons, all of them at once, and nothing of it reaches Kafka."""

import socket
from typing import Any

import httpx
import pytest

from ecomkafka.clients.reader import read
from ecomkafka.http_api.limits import Limits
from ecomkafka.shop import Shop
from tests.integration.http_api.test_orders import ORDER

MOUSE = {"product_id": "MOUSE-001", "quantity": 1}


def order(**changes: Any) -> dict[str, Any]:
    return {**ORDER, **changes}


WRONG: list[tuple[Any, int, list[str]]] = [
    ([], 400, ["#"]),
    ("order", 400, ["#"]),
    ({}, 400, ["#/customer_id", "#/items"]),
    (order(customer_id=" "), 400, ["#/customer_id"]),
    (order(customer_id="x" * 101), 400, ["#/customer_id"]),
    (order(customer_id="%" * 65), 400, ["#/customer_id"]),
    (order(items=[]), 400, ["#/items"]),
    (order(items={"MOUSE-001": 1}), 400, ["#/items"]),
    (order(items=[MOUSE] * 1_501), 400, ["#/items"]),
    (order(items=[{**MOUSE, "quantity": 1_000_000}] * 1_100), 400, ["#/items"]),
    (order(items=[MOUSE, 7]), 400, ["#/items/1"]),
    (order(items=[{**MOUSE, "price": 0.01}]), 400, ["#/items/0/price"]),
    (order(items=[{**MOUSE, "a/b~c d": 1}]), 400, ["#/items/0/a~1b~0c%20d"]),
    (order(order_id="ORD-1", at="now"), 400, ["#/at", "#/order_id"]),
    *(
        (order(items=[{**MOUSE, "quantity": q}]), 400, ["#/items/0/quantity"])
        for q in (0, -1, 1.0, "1", True, None, 10**30)
    ),
    (order(items=[{"product_id": "X", "quantity": 1}]), 422, ["#/items/0/product_id"]),
    (
        {"customer_id": "", "items": [{"product_id": "X", "quantity": 0}, {}]},
        400,
        [
            "#/customer_id",
            "#/items/0/product_id",
            "#/items/0/quantity",
            "#/items/1/product_id",
            "#/items/1/quantity",
        ],
    ),
]


@pytest.mark.parametrize(("body", "status", "pointers"), WRONG)
def test_every_wrong_field_is_named_at_once(
    http: httpx.Client, shop: Shop, body: Any, status: int, pointers: list[str]
) -> None:
    before = len(read(shop.cluster, "orders.events"))
    answer = http.post("/orders", json=body)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["status"] == status
    assert [error["pointer"] for error in problem["errors"]] == pointers
    assert all(len(error["detail"]) < 300 for error in problem["errors"])
    assert len(read(shop.cluster, "orders.events")) == before


def test_a_client_with_a_thousand_mistakes_is_told_a_hundred(http: httpx.Client) -> None:
    problem = http.post("/orders", json=order(items=[{}] * 1_000)).json()
    assert len(problem["errors"]) == 100
    assert problem["detail"].startswith("2000 ")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"customer_id": NaN}', b"\xff", b'"\\ud800"', b"[" * 100_000, b'{"quantity": ' + b"9" * 5_000 + b"}"],
)
def test_what_is_no_json_is_told_so(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/orders", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/json-seq", ""])
def test_what_is_not_said_to_be_json_is_refused(http: httpx.Client, media_type: str) -> None:
    """A page of another site can send such a request from a visitor's browser without asking; it can't send JSON."""
    answer = http.post("/orders", content=b"{}", headers={"Content-Type": media_type})
    assert answer.status_code == 415
    assert "application/json is needed" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused_however_it_comes(http: httpx.Client) -> None:
    large = b" " * 300_000
    headers = {"Content-Type": "application/json"}
    assert http.post("/orders", content=large, headers=headers).status_code == 413
    assert http.post("/orders", content=iter([large]), headers=headers).status_code == 413


@pytest.mark.parametrize(
    "keys", [[""], ['""'], ["x" * 201], ["a", "b"], ['"a'], ["\u00e4".encode("latin-1").decode("latin-1")]]
)
def test_a_key_that_is_none_is_refused(http: httpx.Client, keys: list[str]) -> None:
    headers = [(b"Idempotency-Key", key.encode("latin-1")) for key in keys]
    answer = http.post("/orders", json=ORDER, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "header:Idempotency-Key"


@pytest.mark.parametrize("wait", ["-1", "31", "1.5", "soon", "nan"])
def test_nobody_waits_for_ever(http: httpx.Client, wait: str) -> None:
    answer = http.get("/orders/x", params={"wait": wait})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "query:wait"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/x", 404), ("PUT", "/orders", 405)])
def test_every_refusal_is_told_as_problem_details(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_who_is_slow_is_cut_off(shop: Shop) -> None:
    with shop.gateway(limits=Limits(slow=1)) as gateway:
        address = gateway.url.removeprefix("http://").split(":")
        for sent, answer in (
            (b"", b""),
            (b"POST /orders HTTP/1.1\r\nHost: x\r\n", b""),
            (
                b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
                b"HTTP/1.1 408 ",
            ),
        ):
            with socket.create_connection((address[0], int(address[1])), timeout=60) as slow:
                slow.sendall(sent)
                received = b""
                while more := slow.recv(4_096):
                    received += more
                assert received.startswith(answer)
                assert bool(received) == bool(answer)
