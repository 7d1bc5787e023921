"""What it costs to be watched: the same work with metrics and without, in turns, and the header `traceparent`.

The header is always there, so only the making of it is measured, beside the whole of a record.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any, NamedTuple

from benchmarks.gateway import WARM, Served, serving
from benchmarks.http_load import orders_by_http
from benchmarks.load import BATCH, CATALOGUE, ITEMS, Notified, many, quiet
from benchmarks.surroundings import namespace
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.engine.producer_record import outgoing
from ecomkafka.messages import Reserved
from ecomkafka.shop import Shop
from ecomkafka.trace_context import HEADER, beginning, following

OFF_AND_ON = (False, True)
CONNECTIONS = 50
RECORDS = 20_000
PER_ORDER = 10
STRETCH = 1_000

QUICK: dict[str, Any] = {"orders": 500, "requests": 200, "rounds": 1}


class _Answered(NamedTuple):
    cause: Record
    place: str
    """Its position as text, which a record's causation needs anyway."""
    answer: Reserved


def run(broker: Broker, orders: int = 5_000, requests: int = 3_000, rounds: int = 5) -> dict[str, Any]:
    """`orders` through the saga and `requests` at the gateway, each `rounds` times off and on."""
    return {
        "saga": _compared([_saga(broker, watched, orders) for _ in range(rounds) for watched in OFF_AND_ON]),
        "gateway": _compared(_gateway(broker, requests, rounds)),
        "traceparent": _traceparent(),
    }


def _compared(found: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Medians without and with metrics, which take turns in `found`, and the ratios of the pairs' medians."""
    off, on = ({key: median(one[key] for one in kind) for key in found[0]} for kind in (found[::2], found[1::2]))
    pairs = list(zip(found[::2], found[1::2], strict=True))
    ratios = {f"{key}_on_to_off": median(b[key] / a[key] for a, b in pairs) for key in found[0]}
    return {"off": off, "on": on, **ratios}


def _saga(broker: Broker, metrics: bool, orders: int) -> dict[str, float]:
    with (
        namespace(broker.bootstrap, "watched") as cluster,
        Shop(cluster, catalogue=CATALOGUE, mail=False, metrics=metrics) as shop,
        Notified(cluster) as notified,
    ):
        place = lambda count: shop.order_service.create_orders([{"customer_id": "ann", "items": ITEMS}] * count)  # noqa: E731
        many(notified, place, orders // 5, BATCH)
        quiet(cluster)
        started, cpu = time.monotonic(), time.process_time()
        many(notified, place, orders, BATCH)
        quiet(cluster)
        return {
            "orders_per_s": orders / (time.monotonic() - started),
            "cpu_us": (time.process_time() - cpu) / orders * 1e6,
        }


def _gateway(broker: Broker, requests: int, rounds: int) -> list[dict[str, float]]:
    """Two gateways, one of which is measured from inside, in turns."""
    with (
        namespace(broker.bootstrap, "unwatched") as a,
        namespace(broker.bootstrap, "watched") as b,
        serving(a) as off,
        serving(b, metrics=True) as on,
    ):
        for served in (off, on):
            orders_by_http(served.port, CONNECTIONS, WARM)
        return [_asked(served, requests) for _ in range(rounds) for served in (off, on)]


def _asked(served: Served, requests: int) -> dict[str, float]:
    before = served.usage.cpu_s
    seconds, _ = orders_by_http(served.port, CONNECTIONS, requests)
    return {"orders_per_s": requests / seconds, "cpu_us": (served.usage.cpu_s - before) / requests * 1e6}


def _traceparent() -> dict[str, float]:
    """Microseconds of a record: for the header alone, and for all of it, where it is quickest."""
    cluster = Cluster.of("nowhere:9092", "bench")
    header, record = _records("header"), _records("record")
    header_us = _us(lambda of: following(of.cause.header(HEADER), of.answer.order_id, of.place).encode(), header)
    record_us = _us(lambda of: outgoing(cluster, of.cause, of.answer), record)
    return {"header_us": header_us, "record_us": record_us, "share": header_us / record_us}


def _records(name: str) -> list[_Answered]:
    """Of an order a few: what all of them have in common is made once."""
    now, found = datetime.now(UTC), []
    for number in range(RECORDS):
        order_id = f"ORD-{name}-{number // PER_ORDER}"
        headers = ((HEADER, beginning(order_id, None).encode()),)
        cause = Record("inventory.requests", 0, number, None, None, headers, 0, None)
        answer = Reserved(order_id=order_id, warehouse_id="warehouse-1", at=now)
        found.append(_Answered(cause, str(cause.position), answer))
    return found


def _us(make: Callable[[_Answered], object], records: Sequence[_Answered]) -> float:
    """Of the best stretch: the others were interrupted."""
    stretches = []
    for first in range(0, RECORDS, STRETCH):
        began = time.perf_counter()
        for record in records[first : first + STRETCH]:
            make(record)
        stretches.append((time.perf_counter() - began) / STRETCH)
    return min(stretches) * 1e6
