"""Whether one version can read what another one writes, decided on their schemas.

The writer is strict: it sends the fields of its schema and no others. The reader is tolerant: what it does not know it
passes over. So a reader breaks only on what it *knows*: a field that it must have and may not get, or a value that it
does not take. BACKWARD: new readers, old records. FORWARD: old readers, new records. FULL: both.
"""

import operator
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ecomkafka.contracts.schema import OPEN, Schema

ANNOTATIONS = {"title", "description", "default"}
KNOWN = ANNOTATIONS | {
    "type", "enum", OPEN, "anyOf", "properties", "required", "items", "prefixItems", "minItems", "maxItems",
    "minLength", "maxLength", "pattern", "format", "minimum", "exclusiveMinimum", "maximum",
}  # fmt: skip
"""The keywords that the comparison understands; of any other it must not say that all is well."""

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "maxLength", "maxItems")


class Break(NamedTuple):
    """Why a reader can't take what a writer may send."""

    field: str
    """For example "lines[].price"; empty: the message as a whole."""
    what: str
    allowed: str
    missing: bool = False
    """The writer may leave out a field that the reader must have."""


def breaks(writer: Schema, reader: Schema, field: str = "") -> Iterator[Break]:
    """Everything that a writer of the one schema may send, and a reader of the other does not take."""
    if unknown := (writer.keys() | reader.keys()) - KNOWN:
        raise ValueError(f"{field}: keyword {min(unknown)!r} can't be compared: teach it to contracts/compatibility.py")
    if "anyOf" in writer:
        for branch in writer["anyOf"]:
            yield from breaks(branch, reader, field)
    elif "anyOf" in reader:
        found = [list(breaks(writer, branch, field)) for branch in reader["anyOf"]]
        yield from min(found, key=len)
    elif (members := _members(writer)) is not None or _members(reader) is not None:
        yield from _of_lists(writer, members, reader, field)
    elif (writer.get("type"), reader.get("type")) not in _TAKEN:
        yield Break(field, f"is written as {_kind(writer)} and read as {_kind(reader)}", "a new field of the new type")
    else:
        yield from _of_limits(writer, reader, field)
        yield from _of_fields(writer, reader, f"{field}." if field else "")
        yield from _of_elements(writer, reader, f"{field}[]")


_TYPES = ("object", "array", "string", "integer", "number", "null", "boolean")
_TAKEN = {(kind, kind) for kind in _TYPES} | {("integer", "number")}


def _kind(schema: Schema) -> str:
    kind, written = schema.get("type", "anything"), schema.get("format")
    return f"{kind} ({written})" if written else str(kind)


def _members(schema: Schema) -> list[Any] | None:
    found: list[Any] | None = schema.get("enum")
    return found if found is not None else schema.get(OPEN)


def _of_lists(writer: Schema, written: list[Any] | None, reader: Schema, field: str) -> Iterator[Break]:
    read = _members(reader)
    if written is None:
        yield Break(field, "is written as any text and read as one of a list", "a new field for the list")
    elif read is None:
        if reader.get("type") != "string" or not all(_fits(member, reader) for member in written):
            yield Break(field, f"is written as one of {written} and read as {_kind(reader)}", "a text that takes all")
    elif OPEN not in reader and (more := [member for member in written if member not in read]):
        yield Break(field, f"may be {', '.join(map(str, more))}, which is not read", f"an open list ({OPEN})")


def _fits(member: Any, reader: Schema) -> bool:
    length = reader.get("minLength", 0) <= len(str(member)) <= reader.get("maxLength", len(str(member)))
    return length and re.search(reader.get("pattern", ""), str(member)) is not None


def _of_limits(writer: Schema, reader: Schema, field: str) -> Iterator[Break]:
    for names, is_outside in ((LOWER, operator.lt), (UPPER, operator.gt)):
        for name in names:
            written, read = _limit(writer, name), _limit(reader, name)
            if read is not None and (written is None or is_outside(written, read)):
                said = f"written with {name} {'none' if written is None else written}, read with {name} {read}"
                yield Break(field, f"is {said}", "a wider limit for readers first, a tighter one for writers later")
    for name in ("pattern", "format"):
        if reader.get(name) not in (None, writer.get(name)):
            said = f"written with {name} {writer.get(name, 'none')}, read with {name} {reader[name]}"
            yield Break(field, f"is {said}", "a new field of the new form")


def _limit(schema: Schema, name: str) -> Any:
    """Of whole numbers, more than 0 is at least 1."""
    if name == "minimum" and schema.get("type") == "integer" and "exclusiveMinimum" in schema:
        return max(schema["exclusiveMinimum"] + 1, schema.get(name, schema["exclusiveMinimum"] + 1))
    if name == "exclusiveMinimum" and schema.get("type") == "integer":
        return None
    return schema.get(name, 0 if name in ("minLength", "minItems") else None)


def _of_fields(writer: Schema, reader: Schema, prefix: str) -> Iterator[Break]:
    written, read = writer.get("properties", {}), reader.get("properties", {})
    for name in reader.get("required", ()):
        if name not in writer.get("required", ()):
            how = "may be left out" if name in written else "is not written"
            advice = "optional, with a default; or expand first and contract later; or an upcast"
            yield Break(f"{prefix}{name}", f"must be there to be read, and {how}", advice, missing=True)
    for name in written:
        if name in read:
            yield from breaks(written[name], read[name], f"{prefix}{name}")


def _of_elements(writer: Schema, reader: Schema, field: str) -> Iterator[Break]:
    written, read = writer.get("prefixItems", ()), reader.get("prefixItems", ())
    for number, (ours, theirs) in enumerate(zip(written, read, strict=False)):
        yield from breaks(ours, theirs, f"{field[:-1]}{number}]")
    if "items" in writer and "items" in reader:
        yield from breaks(writer["items"], reader["items"], field)
    if ("items" in writer) != ("items" in reader):
        yield Break(field, "is written as a list of a kind and read as a list of places, or vice versa", "a new field")
