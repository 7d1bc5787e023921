"""The codec: every message comes back as it went in, every other sequence of bytes is refused with a sentence."""

import json
from datetime import UTC, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from ecomkafka.contracts.codec import Codec, UndecodableError
from ecomkafka.contracts.schema import schemas
from ecomkafka.flow import CODECS, DEAD_LETTERS, HOPS, RETRY_TOPICS, ROUTES
from ecomkafka.messages import MESSAGES, Message, encode

SCHEMAS = Path(__file__).parents[2] / "schemas" / "events.json"
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a field, built from what its type says is allowed."""
    match kind:
        case msgspec.inspect.StrType():
            if kind.pattern is not None:
                return st.from_regex(kind.pattern.replace("^", r"\A").replace("$", r"\Z"))
            return st.text(min_size=kind.min_length or 0, max_size=kind.max_length)
        case msgspec.inspect.IntType():
            lowest = kind.gt + 1 if kind.gt is not None else kind.ge
            return st.integers(lowest, kind.le if kind.le is not None else 2**63 - 1)
        case msgspec.inspect.DecimalType():
            return st.decimals(min_value=0, max_value=10**14, places=4)
        case msgspec.inspect.DateTimeType():
            return st.datetimes(timezones=ZONES)
        case msgspec.inspect.EnumType():
            return st.sampled_from(kind.cls)
        case msgspec.inspect.NoneType():
            return st.none()
        case msgspec.inspect.UnionType():
            return st.one_of(*map(values, kind.types))
        case msgspec.inspect.VarTupleType():
            return st.lists(values(kind.item_type), min_size=kind.min_length or 0, max_size=3).map(tuple)
        case msgspec.inspect.StructType():
            return st.builds(kind.cls, **{field.name: values(field.type) for field in kind.fields})
    raise AssertionError(f"no strategy for {kind}")


def any_of(message: type[Message]) -> st.SearchStrategy[Message]:
    return values(msgspec.inspect.type_info(message))


any_message = st.one_of(*map(any_of, MESSAGES))


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_a_message_comes_back_as_it_went_in(kind: type[Message]) -> None:
    @given(any_of(kind))
    def check(message: Message) -> None:
        assert Codec(*MESSAGES).decode(encode(message)) == message

    check()


@given(any_message)
def test_a_topic_takes_its_own_messages_and_no_other(message: Message) -> None:
    own = ROUTES[type(message)].topic
    homes = {own, *RETRY_TOPICS, DEAD_LETTERS} if own == "notifications.requests" else {own}
    for topic, codec in CODECS.items():
        if topic in homes:
            assert codec.decode(encode(message)) == message
        else:
            with pytest.raises(UndecodableError, match=f"{message.type}.*allowed: "):
                codec.decode(encode(message))


def test_what_every_service_reads_can_be_decoded() -> None:
    assert {topic for hop in HOPS.values() for topic in hop.reads} <= CODECS.keys()


@given(any_message)
def test_the_schema_accepts_what_is_sent(message: Message) -> None:
    VALIDATOR.validate(json.loads(encode(message)))


def test_the_schema_refuses_what_the_codec_refuses() -> None:
    for change in ({"type": "ORDER_EATEN"}, {"order_id": ""}, {"lines": []}, {"total": None}):
        assert not VALIDATOR.is_valid(GOOD | change)
    assert VALIDATOR.is_valid(GOOD)


def test_the_exported_schemas_are_those_of_the_code() -> None:
    """If this fails: python tools/export_schemas.py."""
    assert json.loads(SCHEMAS.read_text(encoding="utf-8")) == schemas()


VALIDATOR = Draft202012Validator(schemas(), format_checker=FormatChecker())

LINE = {"product_id": "LAPTOP-001", "quantity": 2, "price": "999.99"}
GOOD: dict[str, Any] = {
    "type": "ORDER_CREATED",
    "at": "2026-01-02T03:04:05Z",
    "order_id": "ORD-1",
    "customer_id": "ann",
    "total": "1999.98",
    "lines": [LINE],
    "warehouses": ["WH-BERLIN"],
    "deadline": "2026-01-02T03:04:35Z",
}
CANCELLED = {"type": "ORDER_CANCELLED", "at": GOOD["at"], "order_id": "ORD-1", "total": "1", "reason": "TIMEOUT"}


def order(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def line(**changes: Any) -> bytes:
    return order(lines=[LINE | changes])


def without(field: str) -> bytes:
    return json.dumps({name: value for name, value in GOOD.items() if name != field}).encode()


BAD: dict[str, bytes | None] = {
    "no value": None,
    "nothing": b"",
    "spaces": b"  \n",
    "a word": b"hello",
    "binary": bytes(range(256)),
    "zeros": b"\x00" * 64,
    "cut off": order()[:-1],
    "cut off in a string": order()[:20],
    "two messages": order() * 2,
    "something after it": order() + b"x",
    "UTF-16": order().decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + order(),
    "not UTF-8": order().replace(b"ann", b"\xff\xfe"),
    "half a surrogate pair": order(customer_id="\ud800"),
    "single quotes": order().replace(b'"', b"'"),
    "a comma too many": order()[:-1] + b",}",
    "a list": b"[" + order() + b"]",
    "a string": b'"ORDER_CREATED"',
    "a number": b"42",
    "null": b"null",
    "true": b"true",
    "NaN": b"NaN",
    "an empty object": b"{}",
    "deep nesting": b"[" * 100_000,
    "deep nesting in a field": order().replace(b'"ann"', b'{"a":' * 100_000),
    "no type": without("type"),
    "type null": order(type=None),
    "type a number": order(type=1),
    "an unknown type without a time": order(type="ORDER_EATEN", at=None),
    "type in lower case": order(type="order_created"),
    "another topic's type": order(type="RESERVE"),
    **{f"no {field}": without(field) for field in GOOD if field != "type"},
    **{f"{field} null": order(**{field: None}) for field in GOOD if field != "type"},
    "an empty order_id": order(order_id=""),
    "a long order_id": order(order_id="x" * 101),
    "order_id a number": order(order_id=7),
    "total negative": order(total="-0.01"),
    "total not a number": order(total="NaN"),
    "total signalling": order(total="sNaN"),
    "total infinite": order(total="Infinity"),
    "total text": order(total="much"),
    "total empty": order(total=""),
    "total beyond what Decimal holds": order(total="1E+9999999999999999999"),
    "total true": order(total=True),
    "total a bare NaN": order().replace(b'"1999.98"', b"NaN"),
    "quantity 0": line(quantity=0),
    "quantity negative": line(quantity=-1),
    "quantity a fraction": line(quantity=1.5),
    "quantity text": line(quantity="2"),
    "quantity true": line(quantity=True),
    "quantity too large": line(quantity=1_000_000_001),
    "quantity huge": line(quantity=10**400),
    "price negative": line(price="-1"),
    "price infinite": line(price="-Infinity"),
    "discount negative": line(discount="-0.01"),
    "discount not a number": line(discount="NaN"),
    "discount signalling": line(discount="sNaN"),
    "no lines": order(lines=[]),
    "lines an object": order(lines=LINE),
    "a line that is a list": order(lines=[["LAPTOP-001", 2, "1"]]),
    "no warehouses": order(warehouses=[]),
    "a warehouse without a name": order(warehouses=[""]),
    "at without a zone": order(at="2026-01-02T03:04:05"),
    "at a date": order(at="2026-01-02"),
    "at a word": order(at="yesterday"),
    "at a number": order(at=1_767_323_045),
    "at on 30 February": order(at="2026-02-30T03:04:05Z"),
    "at in the year 0": order(at="0000-01-02T03:04:05Z"),
    "a reason in lower case": json.dumps(CANCELLED | {"reason": "rain"}).encode(),
    "a reason that is a number": json.dumps(CANCELLED | {"reason": 7}).encode(),
    "a reason without end": json.dumps(CANCELLED | {"reason": "R" * 51}).encode(),
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
def test_bad_bytes_are_refused_with_a_sentence(value: bytes | None) -> None:
    with pytest.raises(UndecodableError) as refused:
        CODECS["orders.events"].decode(value)
    said = str(refused.value)
    assert said.endswith("(allowed: ORDER_CREATED, ORDER_CONFIRMED, ORDER_CANCELLED)")
    assert len(said.split(" (allowed")[0].split()) >= 3
    assert len(said) < 400


def decoded_or_refused(codec: Codec, value: bytes) -> None:
    try:
        message = codec.decode(value)
    except UndecodableError:
        return
    assert codec.decode(encode(message)) == message


@given(st.sampled_from(sorted(CODECS)), st.binary())
def test_any_bytes_are_a_message_or_refused(topic: str, value: bytes) -> None:
    decoded_or_refused(CODECS[topic], value)


def damage(value: bytes, edits: list[tuple[float, int]]) -> bytes:
    damaged = bytearray(value)
    for where, byte in edits:
        damaged[int(where * len(damaged))] = byte
    return bytes(damaged)


edits = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4)


@given(any_message, edits)
def test_damaged_bytes_are_a_message_or_refused(message: Message, edits: list[tuple[float, int]]) -> None:
    decoded_or_refused(CODECS[ROUTES[type(message)].topic], damage(encode(message), edits))


@pytest.mark.parametrize("money", ["0", "0.00", "0.1", "999999999999.99", "1e3"])
def test_money_is_exact(money: str) -> None:
    message = CODECS["orders.events"].decode(order(total=money))
    assert message.total == Decimal(money)
    assert json.loads(encode(message))["total"] == str(Decimal(money))


@given(any_message, st.sampled_from(["NaN", "sNaN", "Infinity", "-1", "1E+50", "9E+999999", "0.00001"]))
def test_no_message_carries_money_that_no_sum_could_hold(message: Message, money: str) -> None:
    for field in msgspec.inspect.type_info(type(message)).fields:
        if isinstance(field.type, msgspec.inspect.DecimalType):
            value = json.loads(encode(message)) | {field.encode_name: money}
            with pytest.raises(UndecodableError, match="an amount from 0"):
                CODECS[ROUTES[type(message)].topic].decode(json.dumps(value).encode())
