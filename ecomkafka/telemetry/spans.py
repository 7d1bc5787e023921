"""An order's records as spans, after the fact: the log is the trace, so an order of last week has one as well.

A span begins when its record was written and ends when the last thing that came of it was written: the time in the
topic is part of it, as it is for the customer. Names and attributes are those of OpenTelemetry's semantic conventions
for messaging; what they have no word for begins with "ecomkafka.".
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from ecomkafka.clients.groups import group_of
from ecomkafka.clients.record import Record
from ecomkafka.flow import DEAD_LETTERS, HOPS, QUARANTINE, RETRY_TOPICS
from ecomkafka.messages import OrderCreated, Reserve
from ecomkafka.trace_context import HEADER, order_span, parent_of, span_id, trace_id, trace_of

CLIENT, OPERATOR = "client", "operator"
"""Who writes what no service writes."""

_FAILURES = (*RETRY_TOPICS, DEAD_LETTERS, QUARANTINE)
"""What is handled well leaves nothing here."""

Kind = Literal["internal", "producer", "consumer"]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of work: who did it, from when to when (ms since the epoch), and for whom (`parent_id`)."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: Kind
    service: str
    start: int
    end: int
    attributes: dict[str, str | int]
    error: str | None = None


def spans(order_id: str, records: Sequence[Record]) -> list[Span]:
    """The order's own span, then one for each record, in their sequence (see `shop/trace.py`).

    Where a caller asked for it the trace is the caller's, and the order's span a child of the caller's.
    """
    caller = _caller(order_id, records)
    trace = trace_of(caller) or trace_id(order_id)
    whole = Span(
        trace_id=trace,
        span_id=order_span(order_id),
        parent_id=parent_of(caller),
        name="order",
        kind="internal",
        service=CLIENT,
        start=min(record.timestamp for record in records),
        end=max(record.timestamp for record in records),
        attributes={"messaging.message.conversation_id": order_id, "ecomkafka.records": len(records)},
    )
    return [whole, *_of_records(order_id, trace, records)]


def _caller(order_id: str, records: Sequence[Record]) -> str | None:
    """What the order's client sent along: the header of its first record, unless the order is its parent itself."""
    roots = [record for record in records if _writer(record) == CLIENT]
    first = min(roots, key=lambda record: record.timestamp, default=None)
    header = first.header(HEADER) if first is not None else None
    return None if parent_of(header) == order_span(order_id) else header


def _of_records(order_id: str, trace: str, records: Sequence[Record]) -> Iterator[Span]:
    places = {str(record.position) for record in records}
    effects: dict[str | None, list[Record]] = {}
    for record in records:
        effects.setdefault(record.header("causation"), []).append(record)
    for record in records:
        place, cause = str(record.position), record.header("causation")
        of_it = effects.get(place, [])
        name = "process" if of_it else "send"
        yield Span(
            trace_id=trace,
            span_id=span_id(place),
            parent_id=span_id(cause) if cause in places else order_span(order_id),
            name=f"{name} {record.topic}",
            kind="consumer" if of_it else "producer",
            service=_writer(of_it[0] if of_it else record),
            start=record.timestamp,
            end=max((effect.timestamp for effect in of_it), default=record.timestamp),
            attributes=_attributes(order_id, record, of_it),
            error=next((e.header("error") or "failed" for e in of_it if e.topic in _FAILURES), None),
        )


def _writer(record: Record) -> str:
    """Who wrote the record: a service, by the flow; the client that ordered; or the operator who sent it again."""
    cause = (record.header("causation") or "").partition(":")[0]
    if cause in (DEAD_LETTERS, QUARANTINE):
        return OPERATOR
    if not cause and isinstance(record.message, OrderCreated | Reserve):
        return CLIENT
    if record.topic == QUARANTINE:
        return record.header("service") or CLIENT
    return next((hop.service for hop in HOPS.values() if record.topic in hop.writes), CLIENT)


def _attributes(order_id: str, record: Record, effects: Sequence[Record]) -> dict[str, str | int]:
    operation = "process" if effects else "send"
    found: dict[str, str | int] = {
        "messaging.system": "kafka",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.kafka.offset": record.offset,
        "messaging.kafka.message.key": (record.key or b"").decode("utf-8", "replace"),
        "messaging.message.conversation_id": order_id,
        "ecomkafka.message.type": record.message.type if record.message else "?",
        "ecomkafka.attempt": record.attempt,
    }
    if effects and (service := _writer(effects[0])) in HOPS:
        found["messaging.consumer.group.name"] = group_of(service)
    return found
