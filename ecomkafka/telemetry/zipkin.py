"""Spans in the JSON of Zipkin's API, version 2."""

from collections.abc import Sequence

import msgspec

from ecomkafka.telemetry.spans import Span

PATH = "/api/v2/spans"
"""Where a server takes them, if the URL has no path of its own."""


class Endpoint(msgspec.Struct, frozen=True, rename="camel"):
    service_name: str


class ZipkinSpan(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Times are in microseconds, and a duration is at least one."""

    trace_id: str
    id: str
    name: str
    timestamp: int
    duration: int
    local_endpoint: Endpoint
    tags: dict[str, str]
    parent_id: str | None = None
    kind: str | None = None
    """None: work inside of a program."""


def encoded(spans: Sequence[Span]) -> bytes:
    """The body of a request, or a file that the page of Zipkin opens."""
    return msgspec.json.encode([_one(span) for span in spans])


def _one(span: Span) -> ZipkinSpan:
    tags = {name: str(value) for name, value in span.attributes.items()}
    return ZipkinSpan(
        trace_id=span.trace_id,
        id=span.span_id,
        name=span.name,
        timestamp=1_000 * span.start,
        duration=max(1, 1_000 * (span.end - span.start)),
        local_endpoint=Endpoint(span.service),
        tags=tags if span.error is None else tags | {"error": span.error},
        parent_id=span.parent_id,
        kind=None if span.kind == "internal" else span.kind.upper(),
    )
