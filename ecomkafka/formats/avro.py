"""Avro: values without names or numbers, in the sequence of the writer's schema. A reader needs both schemas."""

import io
import json
from decimal import Decimal
from functools import cache
from typing import Any

import fastavro
import msgspec
from fastavro.types import Schema as Parsed

from ecomkafka.contracts.codec import UndecodableError
from ecomkafka.formats.message_format import kind_of, tag
from ecomkafka.formats.shapes import Many, Maybe, Money, Record, Shape, Step, Text, Time, Whole, reader, shape_of
from ecomkafka.messages import Message

NAMESPACE = "ecomkafka"
SCALE = 4
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 19, "scale": SCALE}
TIME = {"type": "long", "logicalType": "timestamp-micros"}


class Avro:
    """See `MessageFormat`."""

    name = "AVRO"

    def schema(self, kind: type[Message]) -> str:
        return _text(kind)

    def encode(self, message: Message) -> bytes:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, _own(type(message)), _fields(message))
        return out.getvalue()

    def decode(self, value: bytes, written: str) -> Message:
        name, writer = _parsed(written)
        kind = kind_of(name)
        try:
            fields: Any = fastavro.schemaless_reader(io.BytesIO(value), writer, _own(kind))
            return msgspec.convert(_reader(kind)(fields) | {"type": tag(kind)}, kind)
        except (EOFError, ValueError, IndexError, TypeError, fastavro.read.SchemaResolutionError) as error:
            raise UndecodableError(f"no {kind.__name__} in Avro: {error or type(error).__name__}") from error


def avro_schema(shape: Shape, seen: set[str] | None = None) -> Any:
    """A record is written out where it comes first; from then on its name will do."""
    seen = set() if seen is None else seen
    match shape:
        case Text():
            return "string"
        case Whole():
            return "long"
        case Money():
            return MONEY
        case Time():
            return TIME
        case Maybe(inner):
            return ["null", avro_schema(inner, seen)]
        case Many(inner):
            return {"type": "array", "items": avro_schema(inner, seen)}
        case Record(name, fields):
            if name in seen:
                return f"{NAMESPACE}.{name}"
            seen.add(name)
            written = [
                {"name": field.name, "type": avro_schema(field.shape, seen)}
                | ({"default": _default(field.shape, field.default)} if field.has_default else {})
                for field in fields
            ]
            return {"type": "record", "name": name, "namespace": NAMESPACE, "fields": written}


def _default(shape: Shape, value: Any) -> Any:
    """Avro writes the bytes of a default as text."""
    if isinstance(shape, Money):
        number = int(Decimal(value).scaleb(SCALE))
        return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True).decode("latin-1")
    return value


def _fields(message: msgspec.Struct) -> dict[str, Any]:
    """The values as fastavro takes them; a struct inside becomes a dict as well."""
    return {name: _value(getattr(message, name)) for name in message.__struct_fields__}


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    return _fields(value) if isinstance(value, msgspec.Struct) else value


@cache
def _text(kind: type[Message]) -> str:
    return json.dumps(avro_schema(shape_of(kind)))


@cache
def _own(kind: type[Message]) -> Parsed:
    return fastavro.parse_schema(avro_schema(shape_of(kind)))


@cache
def _parsed(text: str) -> tuple[str, Parsed]:
    """Cached: there are as many as versions of messages."""
    schema = json.loads(text)
    return schema["name"], fastavro.parse_schema(schema)


@cache
def _reader(kind: type[Message]) -> Any:
    return reader(shape_of(kind), _leaf) or (lambda row: row)


def _leaf(shape: Shape) -> Step:
    return _money if isinstance(shape, Money) else None


def _money(value: Decimal | str) -> Decimal:
    """fastavro gives a default as the schema has it, bytes as text."""
    if isinstance(value, Decimal):
        return value
    return Decimal(int.from_bytes(value.encode("latin-1"), "big", signed=True)).scaleb(-SCALE)
