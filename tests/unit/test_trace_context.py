"""The header `traceparent`: what is made, what is continued, what is refused."""

import re

import pytest

from ecomkafka.trace_context import (
    beginning,
    following,
    incoming,
    is_valid,
    order_span,
    parent_of,
    span_id,
    trace_id,
    trace_of,
)

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def test_an_order_begins_its_own_trace_and_always_the_same() -> None:
    header = beginning("ORD-1", None)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", header)
    assert header == beginning("ORD-1", None) != beginning("ORD-2", None)
    assert (trace_of(header), parent_of(header)) == (trace_id("ORD-1"), order_span("ORD-1"))


def test_what_follows_is_in_the_trace_of_its_cause_and_its_child() -> None:
    header = following(beginning("ORD-1", CALLER), "ORD-1", "orders.events:0:7")
    assert header == f"00-0af7651916cd43dd8448eb211c80319c-{span_id('orders.events:0:7')}-00"


def test_what_follows_a_record_without_the_header_is_in_the_order_s_trace() -> None:
    for cause in (None, "", "00-zz", CALLER.upper()):
        assert trace_of(following(cause, "ORD-1", "orders.events:0:7")) == trace_id("ORD-1")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "hello",
        CALLER + "-more",
        CALLER[:-1],
        CALLER.upper(),
        "ff" + CALLER[2:],
        "00-" + "0" * 32 + CALLER[35:],
        CALLER[:36] + "0" * 16 + "-01",
        "01" + CALLER[2:] + "x",
    ],
)
def test_what_is_no_traceparent_is_not_continued(header: str) -> None:
    assert not is_valid(header)
    assert incoming([header]) is None
    assert beginning("ORD-1", header) == beginning("ORD-1", None)


def test_a_newer_version_is_continued_in_ours() -> None:
    newer = f"cc{CALLER[2:]}-what-will-be"
    assert incoming([newer]) == newer
    assert beginning("ORD-1", newer) == CALLER
    assert following(newer, "ORD-1", "a:0:1")[:36] == CALLER[:36]


def test_of_two_headers_none_is_believed() -> None:
    assert incoming([]) is None
    assert incoming([CALLER, CALLER]) is None
