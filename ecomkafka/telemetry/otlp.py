"""Spans in the JSON of OTLP, which OpenTelemetry's collector, Jaeger and others take over HTTP.

See opentelemetry-proto, `trace.proto`. Numbers of 64 bits are strings, since JavaScript's are not exact; ids are
hexadecimal.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from ecomkafka.telemetry.spans import Kind, Span

PATH = "/v1/traces"
"""Where a server takes them, if the URL has no path of its own."""

_KINDS: dict[Kind, int] = {"internal": 1, "producer": 4, "consumer": 5}
_ERROR = 2
"""A status."""


def encoded(spans: Sequence[Span]) -> bytes:
    """An ExportTraceServiceRequest: the spans by the service that did the work."""
    services: dict[str, list[Span]] = {}
    for span in spans:
        services.setdefault(span.service, []).append(span)
    return msgspec.json.encode({"resourceSpans": [_resource(service, its) for service, its in services.items()]})


def _resource(service: str, spans: Sequence[Span]) -> dict[str, Any]:
    scope = {"name": "ecomkafka", "version": version("ecomkafka")}
    return {
        "resource": {"attributes": _attributes({"service.name": service, "service.namespace": "ecomkafka"})},
        "scopeSpans": [{"scope": scope, "spans": [_one(span) for span in spans]}],
    }


def _one(span: Span) -> dict[str, Any]:
    found: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": _KINDS[span.kind],
        "startTimeUnixNano": str(1_000_000 * span.start),
        "endTimeUnixNano": str(1_000_000 * span.end),
        "attributes": _attributes(span.attributes),
    }
    if span.parent_id is not None:
        found["parentSpanId"] = span.parent_id
    if span.error is not None:
        found["status"] = {"code": _ERROR, "message": span.error}
    return found


def _attributes(attributes: dict[str, str | int]) -> list[dict[str, Any]]:
    return [
        {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for name, value in attributes.items()
    ]
