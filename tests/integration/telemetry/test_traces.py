"""The trace of an order as other programs see it: in the headers on a real Kafka, and as spans afterwards."""

import json
from pathlib import Path

import httpx

from ecomkafka.clients.record import Record
from ecomkafka.shop import Shop
from ecomkafka.shop.trace import spans_of, story
from ecomkafka.trace_context import order_span, parent_of, span_id, trace_id, trace_of
from tests.commands import Here
from tests.waiting import PATIENCE

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BASKET = {"LAPTOP-001": 1, "MOUSE-001": 1}


def ended(shop: Shop, order_id: str) -> list[Record]:
    assert shop.wait(order_id) == "CONFIRMED"
    shop.settle()
    return story(shop.cluster, order_id)


def test_each_record_says_which_trace_it_is_of_and_whose_child(shop: Shop) -> None:
    order_id = shop.order("ann", BASKET)
    records = ended(shop, order_id)
    assert len(records) == 14
    for record in records:
        header = record.header("traceparent")
        assert trace_of(header) == trace_id(order_id)
        cause = record.header("causation")
        assert parent_of(header) == (span_id(cause) if cause else order_span(order_id))


def test_a_program_that_continues_a_header_finds_itself_below_a_span_of_ours(shop: Shop) -> None:
    order_id = shop.order("ann", BASKET)
    records = ended(shop, order_id)
    ours = {span.span_id: span for span in spans_of(shop.cluster, order_id)}
    assert len(ours) == 15
    assert {parent_of(record.header("traceparent")) for record in records} <= ours.keys()
    assert {span.service for span in ours.values()} == {"client", "order", "inventory", "notification"}


def test_the_gateway_continues_its_caller_s_trace_to_the_last_record(shop: Shop) -> None:
    order = {"customer_id": "ann", "items": [{"product_id": "MOUSE-001", "quantity": 1}]}
    with shop.gateway() as gateway:
        headers = {"traceparent": CALLER, "baggage": "secret=1", "tracestate": "other=1"}
        answer = httpx.post(f"{gateway.url}/orders", json=order, headers=headers, timeout=PATIENCE)
        wrong = httpx.post(f"{gateway.url}/orders", json=order, headers={"traceparent": "00-zz"}, timeout=PATIENCE)
    order_id, own = answer.json()["order_id"], wrong.json()["order_id"]
    records = ended(shop, order_id)
    assert {trace_of(record.header("traceparent")) for record in records} == {trace_of(CALLER)}
    assert not any(record.header(name) for record in records for name in ("baggage", "tracestate"))
    whole, *_ = spans_of(shop.cluster, order_id)
    assert (whole.trace_id, whole.parent_id) == (trace_of(CALLER), parent_of(CALLER))
    assert {trace_of(record.header("traceparent")) for record in ended(shop, own)} == {trace_id(own)}


def test_the_command_writes_the_spans_to_files(shop: Shop, tmp_path: Path) -> None:
    order_id = shop.order("ann", BASKET)
    ended(shop, order_id)
    here = Here(tmp_path, BOOTSTRAP=",".join(shop.cluster.bootstrap), NAMESPACE=shop.cluster.namespace)
    zipkin, otlp = tmp_path / "zipkin.json", tmp_path / "otlp.json"
    said = here.ok("trace", order_id, "--zipkin", str(zipkin), "--otlp", str(otlp))
    assert said.splitlines() == [f"✔ 15 spans of trace {trace_id(order_id)}: {file}" for file in (zipkin, otlp)]
    assert len(json.loads(zipkin.read_bytes())) == 15
    told = json.loads(otlp.read_bytes())["resourceSpans"]
    services = {resource["resource"]["attributes"][0]["value"]["stringValue"] for resource in told}
    assert services == {"client", "order", "inventory", "notification"}
    refused = here.run("trace", order_id, "--zipkin", "http://127.0.0.1:9")
    assert refused.returncode == 1
    assert "http://127.0.0.1:9/api/v2/spans can't be reached" in refused.stderr
