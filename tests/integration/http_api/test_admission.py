"""Who is let in, and how fast."""

import httpx
import pytest

from ecomkafka.http_api.api_keys import ApiKeys, hash_of
from ecomkafka.http_api.limits import Limits
from ecomkafka.shop import Shop
from tests.integration.http_api.test_orders import ORDER
from tests.waiting import PATIENCE

KEYS = ApiKeys({"web": hash_of("web-key"), "app": hash_of("app-key")})


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_each_answer_says_how_much_is_left(http: httpx.Client) -> None:
    left = [int(http.get("/products").headers["ratelimit-remaining"]) for _ in range(2)]
    assert http.get("/products").headers["ratelimit-limit"] == "200"
    assert left[0] >= 190
    assert http.post("/orders", json=[]).headers["ratelimit-reset"] == "1"


def test_a_client_that_asks_too_fast_is_held_back_alone(shop: Shop) -> None:
    slow = Limits(rate=0.01, burst=3)
    with (
        shop.gateway(limits=slow, keys=KEYS) as gateway,
        httpx.Client(base_url=gateway.url, timeout=PATIENCE) as client,
    ):
        answers = [client.post("/orders", json=ORDER, headers=bearer("web-key")) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
        refused = answers[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert 0 < int(refused.headers["retry-after"]) <= 100
        assert refused.headers["ratelimit-remaining"] == "0"
        assert client.post("/orders", json=ORDER, headers=bearer("app-key")).status_code == 202
        assert [client.get("/live").status_code for _ in range(5)] == [200] * 5


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer("wrong"),
        {"Authorization": "Bearer"},
        {"Authorization": "Basic d2ViOndlYi1rZXk="},
        {"Authorization": "web-key"},
    ],
)
def test_without_a_known_key_nothing_is_ordered(shop: Shop, headers: dict[str, str]) -> None:
    with shop.gateway(keys=KEYS) as gateway:
        answer = httpx.post(f"{gateway.url}/orders", json=ORDER, headers=headers, timeout=PATIENCE)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert httpx.get(f"{gateway.url}/openapi.json", timeout=PATIENCE).status_code == 200


def test_two_clients_may_choose_the_same_idempotency_key(shop: Shop) -> None:
    with shop.gateway(keys=KEYS) as gateway:
        ids = {
            httpx.post(
                f"{gateway.url}/orders", json=ORDER, headers={**bearer(key), "Idempotency-Key": "1"}, timeout=60
            ).json()["order_id"]
            for key in ("web-key", "app-key", "web-key")
        }
    assert len(ids) == 2


def test_a_header_that_is_too_large_is_refused(http: httpx.Client) -> None:
    assert http.get("/products", headers={"X": "x" * 20_000}).status_code == 431
    assert http.get("/products", headers={"X": "x" * 1_000_000}).status_code in (400, 431)


def test_a_page_of_another_site_gets_no_leave(http: httpx.Client) -> None:
    """Its browser asks before it sends JSON (CORS), and no answer of ours allows it."""
    origin = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for answer in (http.options("/orders", headers=origin), http.get("/products", headers=origin)):
        assert not [name for name in answer.headers if name.startswith("access-control")]
