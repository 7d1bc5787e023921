"""The saga of an order as server-sent events."""

import httpx

from ecomkafka.http_api.limits import Limits
from ecomkafka.shop import Shop
from tests.integration.http_api.test_orders import ORDER
from tests.waiting import PATIENCE


def events(http: httpx.Client, path: str) -> list[dict[str, str]]:
    """Each event's fields, once the stream has ended."""
    answer = http.get(path)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
    blocks = answer.text.replace("\r\n", "\n").strip().split("\n\n")
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


def test_every_record_of_the_saga_is_told_once_until_its_end(http: httpx.Client, shop: Shop) -> None:
    href = http.post("/orders", json=ORDER).json()["href"]
    found = events(http, f"{href}/events")
    ids = [event["id"] for event in found]
    assert {event["event"] for event in found} >= {"ORDER_CREATED", "ORDER_CONFIRMED", "NOTIFICATION_SENT"}
    shop.settle()
    records = shop.trace(href.removeprefix("/orders/"))
    positions = {f"{row.topic}:{row.partition}:{row.offset}" for row in records.itertuples()}
    assert len(ids) == len(set(ids))
    assert set(ids) <= positions
    assert {event["id"] for event in events(http, f"{href}/events")} == positions, "of before it tells the whole story"


def test_who_looks_on_is_no_burden_without_a_bound(shop: Shop) -> None:
    with (
        shop.gateway(limits=Limits(streams=1)) as gateway,
        httpx.Client(base_url=gateway.url, timeout=PATIENCE) as http,
    ):
        href = http.post("/orders", json=ORDER).json()["href"]
        with http.stream("GET", f"{href}/events") as first:
            lines = first.iter_lines()  # kept: without it the connection would be closed
            next(lines)
            second = http.get(f"{href}/events")
            assert (second.status_code, second.headers["retry-after"]) == (503, "5")
            lines.close()
        assert http.get("/orders/nowhere/events").status_code == 404


def test_a_gateway_that_stops_ends_its_streams(shop: Shop) -> None:
    with shop.gateway() as gateway, httpx.Client(base_url=gateway.url, timeout=PATIENCE) as http:
        href = http.post("/orders", json=ORDER).json()["href"]
        with http.stream("GET", f"{href}/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            gateway.stop()
            assert list(lines)
