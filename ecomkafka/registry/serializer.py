"""Messages that carry the id of their schema (Confluent's wire format): 0, four bytes of id, then the message.

A schema is registered by the writer's first message of its type, under the message's name and its format's (a subject
has one format for ever); if the registry refuses it, nothing is written. A reader asks for an id that it does not know;
what it knows it reads while the registry is away.
"""

import struct

from ecomkafka.contracts.codec import UndecodableError
from ecomkafka.formats.message_format import MessageFormat
from ecomkafka.messages import Message
from ecomkafka.registry.client import Registry, Written

MAGIC = 0
_HEAD = struct.Struct(">BI")
_FIRST_MESSAGE = {"PROTOBUF": b"\0"}
"""A .proto file may have many messages: here comes which one it is, and ours has it first."""


class Serializer:
    """Bytes of one format, by way of a registry."""

    def __init__(self, registry: Registry, format: MessageFormat) -> None:
        self._registry, self._format = registry, format
        self._index = _FIRST_MESSAGE.get(format.name, b"")

    def encode(self, message: Message) -> bytes:
        """Raises IncompatibleError if readers would break on it, RegistryError if the registry does not answer."""
        kind = type(message)
        schema = Written(self._format.name, self._format.schema(kind))
        number = self._registry.register(f"{kind.__name__}.{self._format.name.lower()}", schema)
        return _HEAD.pack(MAGIC, number) + self._index + self._format.encode(message)

    def decode(self, value: bytes) -> Message:
        """Raises UndecodableError; UnknownTypeError for a newer version's message; RegistryError."""
        number = schema_id(value)
        written = self._registry.schema(number)
        if written.kind != self._format.name:
            raise UndecodableError(f"schema {number} is {written.kind}, and this reader takes {self._format.name}")
        if not value.startswith(self._index, _HEAD.size):
            raise UndecodableError(f"the message is not the first one of schema {number}, as ours are")
        return self._format.decode(value[_HEAD.size + len(self._index) :], written.text)


def schema_id(value: bytes) -> int:
    """The schema's id at the head of `value`. Raises UndecodableError."""
    if len(value) < _HEAD.size or value[0] != MAGIC:
        raise UndecodableError(f"{value[:8]!r} does not begin with 0 and a schema's id of four bytes")
    return int(_HEAD.unpack_from(value)[1])
