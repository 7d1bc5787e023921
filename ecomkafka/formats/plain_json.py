"""JSON, the shop's own format: every record names its fields, so the writer's schema is needed by checks alone."""

import json
from functools import cache
from typing import Any

from ecomkafka.contracts.codec import Codec
from ecomkafka.contracts.schema import by_type, schemas
from ecomkafka.formats.message_format import kind_of, tag
from ecomkafka.messages import Message, encode

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
"""What registries compare; Apicurio answers a newer dialect with an error."""


class PlainJson:
    """See `MessageFormat`."""

    name = "JSON"

    def schema(self, kind: type[Message]) -> str:
        return _text(kind)

    def encode(self, message: Message) -> bytes:
        return encode(message)

    def decode(self, value: bytes, written: str) -> Message:
        message: Message = _codec(kind_of(_title(written))).decode(value)
        return message


def draft_7(schema: Any, is_writer: bool) -> Any:
    """A schema of ours in the dialect of registries.

    The strict writer sends no other fields, the tolerant reader takes any: a registry knows one schema for both, and
    which of the two it is given decides what it answers.
    """
    if isinstance(schema, list):
        return [draft_7(one, is_writer) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: draft_7(value, is_writer) for name, value in schema.items()}
    if isinstance(places := found.get("prefixItems"), list):
        del found["prefixItems"]
        found |= {"items": places} | ({"additionalItems": False} if is_writer else {})
    if found.get("type") == "object" and is_writer:
        found["additionalProperties"] = False
    return found


@cache
def _text(kind: type[Message]) -> str:
    return json.dumps({"$schema": DRAFT_7} | draft_7(by_type(schemas())[tag(kind)], is_writer=True))


@cache
def _title(text: str) -> str:
    title: str = json.loads(text)["title"]
    return title


@cache
def _codec(kind: type[Message]) -> Codec:
    return Codec(kind)
