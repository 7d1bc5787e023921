"""A service's input and output: a decoded record, and bytes to be forwarded."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

Headers = tuple[tuple[str, bytes | None], ...]


class Position(NamedTuple):
    """Where a record is: logical topic (without the namespace), partition, offset."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


class Record(NamedTuple):
    """One record of a topic; `message` is its decoded value, `timestamp` (ms since the epoch) when it was written."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int
    message: Any = None
    producer: tuple[int, int] | None = None
    """Id and epoch of the producer: with version 2 of the protocol (KIP-890) they name the record's transaction."""

    @property
    def position(self) -> Position:
        return Position(self.topic, self.partition, self.offset)

    def header(self, name: str) -> str | None:
        """The header's text, or None. Kafka allows a name twice: the last one counts."""
        for key, value in reversed(self.headers):
            if key == name:
                return None if value is None else value.decode("utf-8", "replace")
        return None

    @property
    def attempt(self) -> int:
        """The number of the attempt: 1 unless the record comes from a retry topic."""
        text = self.header("attempt") or "1"
        return int(text) if text.isdecimal() else 1


@dataclass(frozen=True, slots=True)
class Forward:
    """An output that sends the same bytes to another topic, with headers added: a retry or a dead letter."""

    topic: str
    record: Record
    headers: dict[str, str] = field(default_factory=dict)


NOT_BEFORE = "not_before"
"""Header of a retry: the ISO time of its earliest attempt."""


def not_before(record: Record) -> datetime | None:
    """When the record is due; None: at once."""
    text = record.header(NOT_BEFORE)
    return None if text is None else datetime.fromisoformat(text)
