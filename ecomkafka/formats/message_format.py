"""One interface to three formats: what a schema registry and a benchmark ask of each."""

from typing import Any, Protocol

from ecomkafka.contracts.codec import UndecodableError, UnknownTypeError
from ecomkafka.messages import MESSAGES, Message

KINDS = {message.__name__: message for message in MESSAGES}
"""The messages by their name in a schema."""


class MessageFormat(Protocol):
    """How messages become bytes. The schema says what is in the bytes; so the reader needs the one of their writer."""

    name: str
    """As registries call it: AVRO, JSON or PROTOBUF."""

    def schema(self, kind: type[Message]) -> str:
        """The schema of these messages, as text."""
        ...

    def encode(self, message: Message) -> bytes: ...

    def decode(self, value: bytes, written: str) -> Message:
        """The message, of bytes that a writer with the schema `written` has made. Raises UndecodableError, and
        UnknownTypeError for a message that only a newer version knows.
        """
        ...


def kind_of(name: str) -> type[Message]:
    """The message with this name. Raises UnknownTypeError."""
    if (found := KINDS.get(name)) is None:
        raise UnknownTypeError(name, ", ".join(KINDS))
    return found


def tag(kind: type[Message]) -> Any:
    return kind.__struct_config__.tag


__all__ = ["KINDS", "MessageFormat", "UndecodableError", "kind_of", "tag"]
