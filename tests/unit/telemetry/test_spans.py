"""Records as spans: who did what for whom, also of records that were written before there was a header."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from ecomkafka.clients.record import Record
from ecomkafka.messages import Message, NotificationFailed, OrderCreated, Reserve, Reserved, encode
from ecomkafka.telemetry import otlp, zipkin
from ecomkafka.telemetry.spans import Span, spans
from ecomkafka.trace_context import beginning, following, order_span, trace_id

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ORDER = OrderCreated(
    order_id="O-1", total=Decimal(1), customer_id="ann", at=AT, deadline=AT, warehouses=("WH",),
    lines=({"product_id": "P", "quantity": 1, "price": Decimal(1)},),  # type: ignore[arg-type]
)  # fmt: skip
RESERVE = Reserve(order_id="O-1", warehouse_id="WH", items=(), at=AT)
RESERVED = Reserved(order_id="O-1", warehouse_id="WH", at=AT)


def record(topic: str, offset: int, ms: int, message: Message | None, **headers: str) -> Record:
    encoded = tuple((name, value.encode()) for name, value in (("correlation", "O-1"), *headers.items()))
    value = encode(message) if message is not None else b""
    return Record(topic, 0, offset, b"O-1", value, encoded, ms, message)


def story(caller: str | None, header: bool = True) -> list[Record]:
    first = {"traceparent": beginning("O-1", caller)} if header else {}
    place = "inventory.requests:0:4"
    second = {"traceparent": following(first["traceparent"], "O-1", place)} if header else {}
    return [
        record("orders.events", 7, 100, ORDER, **first),
        record("inventory.requests", 4, 101, RESERVE, **first),
        record("inventory.responses", 2, 130, RESERVED, causation=place, **second),
    ]


def by_name(found: Sequence[Span]) -> dict[str, Span]:
    return {span.name: span for span in found}


def test_a_span_lasts_until_what_came_of_it_was_written() -> None:
    found = by_name(spans("O-1", story(None)))
    assert {name: (s.service, s.kind, s.start, s.end) for name, s in found.items()} == {
        "order": ("client", "internal", 100, 130),
        "send orders.events": ("client", "producer", 100, 100),
        "process inventory.requests": ("inventory", "consumer", 101, 130),
        "send inventory.responses": ("inventory", "producer", 130, 130),
    }


def test_the_ids_are_those_of_the_headers() -> None:
    """A program that has continued a record's header finds itself below the span of that record's cause."""
    records = story(None)
    found = by_name(spans("O-1", records))
    assert {span.trace_id for span in found.values()} == {trace_id("O-1")}
    assert found["order"].parent_id is None
    assert found["process inventory.requests"].parent_id == found["order"].span_id == order_span("O-1")
    answer = records[-1].header("traceparent") or ""
    assert answer.split("-")[1:3] == [trace_id("O-1"), found["process inventory.requests"].span_id]
    assert found["send inventory.responses"].parent_id == found["process inventory.requests"].span_id


def test_an_order_of_long_ago_has_the_same_spans_without_a_header() -> None:
    assert spans("O-1", story(None, header=False)) == spans("O-1", story(None))


def test_a_caller_s_trace_is_continued() -> None:
    found = spans("O-1", story(CALLER))
    assert {span.trace_id for span in found} == {CALLER[3:35]}
    assert found[0].parent_id == CALLER[36:52]
    assert found[1].parent_id == found[0].span_id


def test_what_comes_of_time_alone_is_the_service_s() -> None:
    failed = NotificationFailed(notification_id="N", order_id="O-1", attempts=3, reason="451", error="451", at=AT)
    (_, span) = spans("O-1", [record("notifications.events", 1, 5, failed)])
    assert (span.service, span.parent_id) == ("notification", order_span("O-1"))


def test_what_was_set_aside_is_an_error_with_its_reason() -> None:
    place = "inventory.requests:0:4"
    bad = record("quarantine", 0, 140, None, causation=place, service="inventory", error="KeyError: 'P'")
    found = by_name(spans("O-1", [*story(None)[:2], bad]))
    assert found["process inventory.requests"].error == "KeyError: 'P'"
    assert {name for name, span in found.items() if span.error} == {"process inventory.requests"}


def test_attributes_are_opentelemetry_s() -> None:
    found = by_name(spans("O-1", story(None)))
    assert found["process inventory.requests"].attributes == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "inventory.requests",
        "messaging.destination.partition.id": "0",
        "messaging.kafka.offset": 4,
        "messaging.kafka.message.key": "O-1",
        "messaging.message.conversation_id": "O-1",
        "messaging.consumer.group.name": "inventory-service",
        "ecomkafka.message.type": "RESERVE",
        "ecomkafka.attempt": 1,
    }


def test_zipkin_is_told_in_microseconds() -> None:
    whole, _, reserve, _ = json.loads(zipkin.encoded(spans("O-1", story(None))))
    assert "parentId" not in whole
    assert "kind" not in whole
    assert (reserve["kind"], reserve["timestamp"], reserve["duration"]) == ("CONSUMER", 101_000, 29_000)
    assert (reserve["traceId"], reserve["parentId"]) == (trace_id("O-1"), whole["id"])
    assert reserve["localEndpoint"] == {"serviceName": "inventory"}
    assert reserve["tags"]["messaging.kafka.offset"] == "4"


def test_otlp_is_told_in_nanoseconds_by_service() -> None:
    told = json.loads(otlp.encoded(spans("O-1", story(None))))["resourceSpans"]
    services = [resource["resource"]["attributes"][0]["value"]["stringValue"] for resource in told]
    assert services == ["client", "inventory"]
    reserve, answer = told[1]["scopeSpans"][0]["spans"]
    assert (reserve["startTimeUnixNano"], reserve["endTimeUnixNano"]) == ("101000000", "130000000")
    assert (reserve["kind"], answer["kind"], answer["parentSpanId"]) == (5, 4, reserve["spanId"])
    assert {"key": "messaging.kafka.offset", "value": {"intValue": "4"}} in reserve["attributes"]
