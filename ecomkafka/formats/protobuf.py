"""Protocol Buffers: each value goes under its field's number, so a number is for ever and a name is not on the wire.

Nothing is required there: a field that is missing reads as "", 0 or an empty list, and our own types have to complain.
A field with a default is `optional`, so that it can be seen to be missing.
"""

from collections.abc import Mapping
from datetime import UTC
from functools import cache
from typing import Any

import msgspec
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
from google.protobuf.message import DecodeError
from google.protobuf.message import Message as Buffer

from ecomkafka.contracts.codec import UndecodableError
from ecomkafka.formats.message_format import kind_of, tag
from ecomkafka.formats.proto_text import PACKAGE, first_message, proto_text
from ecomkafka.formats.shapes import Field, Many, Maybe, Money, Record, Shape, Text, Time, Whole, shape_of
from ecomkafka.messages import Message

Added = Mapping[str, tuple[str, ...]]
ADDED: Added = {
    "OrderCreated": ("currency",),
    "Line": ("discount",),
    "RollbackRequested": ("reason",),
    "NotificationFailed": ("reason",),
}
"""The fields that came after v1, in that sequence: their numbers follow all others."""
_TIMESTAMP = "google/protobuf/timestamp.proto"
_TYPES = descriptor_pb2.FieldDescriptorProto


class Protobuf:
    """See `MessageFormat`."""

    name = "PROTOBUF"

    def schema(self, kind: type[Message]) -> str:
        return _text(kind)

    def encode(self, message: Message) -> bytes:
        return bytes(_class(type(message))(**_fields(message)).SerializeToString())

    def decode(self, value: bytes, written: str) -> Message:
        """The numbers are the same in every version, so our own schema reads what another one's has written."""
        kind = kind_of(first_message(written))
        try:
            fields = _row(_class(kind).FromString(value), shape_of(kind))
            return msgspec.convert(fields | {"type": tag(kind)}, kind)
        except (DecodeError, ValueError, OverflowError) as error:
            raise UndecodableError(f"no {kind.__name__} in Protobuf: {error}") from error


def numbered(record: Record, added: Added = ADDED) -> list[tuple[int, Field]]:
    """The fields with their numbers, by number."""
    later = added.get(record.name, ())
    first = [field for field in record.fields if field.name not in later]
    last = sorted((f for f in record.fields if f.name in later), key=lambda field: later.index(field.name))
    return list(enumerate([*first, *last], 1))


def records_of(shape: Shape) -> list[Record]:
    """The record, and every other one inside of it, once."""
    match shape:
        case Maybe(inner) | Many(inner):
            return records_of(inner)
        case Record(fields=fields):
            inside = [record for field in fields for record in records_of(field.shape)]
            return list(dict.fromkeys([shape, *inside]))
    return []


def descriptor(record: Record, added: Added = ADDED) -> descriptor_pb2.FileDescriptorProto:
    """A file with this message first: what a registry's wire format calls message 0."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{record.name}.proto", package=PACKAGE, syntax="proto3", dependency=[_TIMESTAMP]
    )
    for one in records_of(record):
        message = file.message_type.add(name=one.name)
        for number, field in numbered(one, added):
            _add(message, number, field)
    return file


def _add(message: descriptor_pb2.DescriptorProto, number: int, field: Field) -> None:
    shape, label = field.shape, _TYPES.LABEL_OPTIONAL
    if isinstance(shape, Many):
        shape, label = shape.of, _TYPES.LABEL_REPEATED
    added = message.field.add(name=field.name, number=number, label=label)
    if field.has_default or isinstance(shape, Maybe):
        added.proto3_optional, added.oneof_index = True, len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field.name}")
    match shape.of if isinstance(shape, Maybe) else shape:
        case Text() | Money():
            added.type = _TYPES.TYPE_STRING
        case Whole():
            added.type = _TYPES.TYPE_INT64
        case Time():
            added.type, added.type_name = _TYPES.TYPE_MESSAGE, ".google.protobuf.Timestamp"
        case Record(name):
            added.type, added.type_name = _TYPES.TYPE_MESSAGE, f".{PACKAGE}.{name}"
        case other:
            raise TypeError(f"{message.name}.{field.name}: {other} has no form in Protobuf")


def _fields(message: msgspec.Struct) -> dict[str, Any]:
    """The values as Protobuf's constructor takes them; null is a field that is not there."""
    shape = shape_of(type(message))
    return {field.name: _value(getattr(message, field.name), field.shape) for field in shape.fields}


def _value(value: Any, shape: Shape) -> Any:
    match shape:
        case Many(inner):
            return [_value(one, inner) for one in value]
        case Record():
            return _fields(value)
        case Money():
            return str(value)
    return value


def _row(buffer: Buffer, record: Record) -> Any:
    """What msgspec converts into the message: all its rules are checked there, as for JSON."""
    found = {}
    for field in record.fields:
        optional = field.has_default or isinstance(field.shape, Maybe | Time)
        if not optional or buffer.HasField(field.name):
            found[field.name] = _read(getattr(buffer, field.name), field.shape)
    return list(found.values()) if record.on_list else found


def _read(value: Any, shape: Shape) -> Any:
    match shape:
        case Maybe(inner):
            return _read(value, inner)
        case Many(inner):
            return [_read(one, inner) for one in value]
        case Record():
            return _row(value, shape)
        case Time():
            return value.ToDatetime(tzinfo=UTC)
    return value


@cache
def _class(kind: type[Message]) -> Any:
    """Each in a pool of its own: Line stands in more than one file."""
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(descriptor(shape_of(kind)))
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{kind.__name__}"))


@cache
def _text(kind: type[Message]) -> str:
    return proto_text(descriptor(shape_of(kind)))
