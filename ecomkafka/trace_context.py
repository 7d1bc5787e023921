"""W3C Trace Context: the header `traceparent`, made from what is known of a record anyway.

The order is the trace, the cause is the parent span. Both ids follow from what they are of, so a record that is handled
again has the same header, and the ids of a record that was written without it are known as well.
"""

import hashlib
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

HEADER = "traceparent"

SAMPLED = "01"

_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


@lru_cache(maxsize=10_000)
def trace_id(order_id: str) -> str:
    """The order's trace: 32 hexadecimal digits."""
    return hashlib.blake2b(order_id.encode("utf-8", "replace"), digest_size=16).hexdigest()


@lru_cache(maxsize=10_000)
def order_span(order_id: str) -> str:
    """The span of the whole order: 16 hexadecimal digits."""
    return hashlib.blake2b(order_id.encode("utf-8", "replace"), digest_size=8).hexdigest()


@lru_cache(maxsize=1_000)
def span_id(place: str) -> str:
    """The span of the record at "topic:partition:offset": 8 digits for the partition, 8 for the offset. A hash of all
    would be slower, and can't be compressed.
    """
    partition, _, offset = place.rpartition(":")
    return f"{_partition(partition)}{int(offset) & 0xFFFF_FFFF:08x}"


@lru_cache(maxsize=1_000)
def _partition(name: str) -> str:
    return f"{zlib.crc32(name.encode()):08x}"


def is_valid(traceparent: str | None) -> bool:
    """Whether it can be continued. A version that is not known yet may have more fields, which are not looked at."""
    if traceparent is None or _FORM.match(traceparent) is None:
        return False
    return len(traceparent) == 55 or (not traceparent.startswith("00-") and traceparent[55] == "-")


def incoming(headers: Sequence[str]) -> str | None:
    """The trace that a caller asks to be continued; None without one, or if it is not valid: then the order's begins.

    `tracestate` and `baggage` are not read: they are other people's.
    """
    return headers[0] if len(headers) == 1 and is_valid(headers[0]) else None


def beginning(order_id: str, caller: str | None) -> str:
    """The header of what no record has caused: its parent is the caller's span, or else the span of the order."""
    if caller is not None and is_valid(caller):
        return f"00-{caller[3:55]}"
    return f"00-{trace_id(order_id)}-{order_span(order_id)}-{SAMPLED}"


def following(cause: str | None, order_id: str, place: str) -> str:
    """The header of what the record at `place` has caused. `cause` is that record's own header, or None."""
    frame = _frame(cause[:36], cause[52:]) if cause is not None else None
    if frame is None:
        return f"00-{trace_id(order_id)}-{span_id(place)}-{SAMPLED}"
    return f"{frame[0]}{span_id(place)}{frame[1]}"


@lru_cache(maxsize=10_000)
def _frame(before: str, after: str) -> tuple[str, str] | None:
    """What stays in a trace, before and after the parent's id; None if it is not valid. All records of an order have
    the same, so it is looked at once.
    """
    return (f"00-{before[3:]}", after[:3]) if is_valid(f"{before}{order_span('')}{after}") else None


def trace_of(traceparent: str | None) -> str | None:
    """The trace's id in a header; None if it is not valid."""
    return traceparent[3:35] if traceparent is not None and is_valid(traceparent) else None


def parent_of(traceparent: str | None) -> str | None:
    """The parent span's id in a header; None if it is not valid."""
    return traceparent[36:52] if traceparent is not None and is_valid(traceparent) else None
