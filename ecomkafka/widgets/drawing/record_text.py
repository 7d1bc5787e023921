"""A record as text: in a row, on a label, and in full."""

import html
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.widgets.drawing.markup import table

COLUMNS = ("partition", "offset", "time (UTC)", "key", "type", "value", "headers")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT = 70
_LONG = 20_000
"""Characters of a value that is shown whole: a page that holds megabytes is slow."""


def row(record: Record) -> tuple[object, ...]:
    """Its cells in COLUMNS, each short."""
    headers = ", ".join(f"{name}={text(value)}" for name, value in record.headers)
    return (
        record.partition, record.offset, at(record), short(text(record.key)), kind(record), short(text(record.value)),
        short(headers),
    )  # fmt: skip


def label(record: Record) -> str:
    """For a list to choose from."""
    return f"{record.partition}:{record.offset} {kind(record)} {short(text(record.key))}"


def whole(record: Record) -> str:
    """Key, headers and value of one record as HTML: JSON indented, what is no text as Python writes bytes."""
    facts = [
        ("time", at(record)),
        ("key", short(text(record.key), _LONG)),
        *((f"header {name}", short(text(value), _LONG)) for name, value in record.headers),
    ]
    named = f"{record.position} {kind(record)}"
    return f"{table(named, ('part', 'content'), facts)}<pre>{html.escape(_pretty(record.value))}</pre>"


def at(record: Record) -> str:
    """When it was written: by the clock of whoever sent it."""
    if record.timestamp < 0:
        return "none"
    return f"{_EPOCH + timedelta(milliseconds=record.timestamp):%Y-%m-%d %H:%M:%S.%f}"[:-3]


def kind(record: Record) -> str:
    """The message's type, or what is known of a record that is no message of its topic."""
    if record.value is None:
        return "(deleted)"
    if record.message is not None:
        return str(record.message.type)
    content = _json(record.value)
    return str(content["type"]) if isinstance(content, dict) and "type" in content else "(unknown)"


def text(data: bytes | None) -> str:
    """As text, or, where it is none, as Python writes bytes."""
    if data is None:
        return "null"
    try:
        return data.decode()
    except UnicodeDecodeError:
        return repr(data)


def short(words: str, most: int = _SHORT) -> str:
    return words if len(words) <= most else f"{words[:most]}… ({len(words):,} characters)"


def _pretty(value: bytes | None) -> str:
    content = _json(value)
    return short(text(value) if content is None else json.dumps(content, indent=2, ensure_ascii=False), _LONG)


def _json(value: bytes | None) -> Any:
    """None if it is no JSON."""
    try:
        return json.loads((value or b"null").decode())
    except (ValueError, RecursionError):
        return None
