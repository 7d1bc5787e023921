"""Which changes of a message old and new versions survive: strict writer, tolerant reader, both directions."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from ecomkafka.contracts.compatibility import breaks
from ecomkafka.contracts.schema import OPEN, by_type, schemas

Schema = dict[str, Any]


def of(**fields: Any) -> Schema:
    """The schema of a message "M" with these fields: a type, or a type and its default."""
    named = [(name, *(kind if isinstance(kind, tuple) else (kind,))) for name, kind in fields.items()]
    message = msgspec.defstruct("M", named, tag="M", tag_field="type", kw_only=True)
    refs, components = msgspec.json.schema_components([message], ref_template="#/$defs/{name}")
    return by_type({"anyOf": refs, "$defs": components})["M"]


def opened(schema: Schema, field: str) -> Schema:
    members = schema["properties"][field].pop("enum")
    schema["properties"][field] |= {"type": "string", "pattern": "^[A-Z]+$", OPEN: members}
    return schema


class Two(StrEnum):
    A = "A"
    B = "B"


class Three(StrEnum):
    A = "A"
    B = "B"
    C = "C"


Short, Long = Annotated[str, Meta(max_length=10)], Annotated[str, Meta(max_length=100)]
Positive, NotNegative = Annotated[int, Meta(gt=0)], Annotated[int, Meta(ge=0)]
Line, Wide = msgspec.defstruct("Line", [("price", str)]), msgspec.defstruct("Line", [("price", str), ("tax", str)])
Pair = msgspec.defstruct("Pair", [("a", str), ("b", int)], array_like=True)
Triple = msgspec.defstruct("Pair", [("a", str), ("b", int), ("c", int)], array_like=True)
Padded = msgspec.defstruct("Pair", [("a", str), ("b", int), ("c", int, 0)], array_like=True)

A = of(a=int)
CASES: dict[str, tuple[Schema, Schema, bool, bool]] = {
    # the change: before, after, whether new readers take old records, whether old readers take new ones
    "nothing": (A, of(a=int), True, True),
    "add an optional field": (A, of(a=int, b=(str, "x")), True, True),
    "add an optional field that may be null": (A, of(a=int, b=(str | None, None)), True, True),
    "add a required field": (A, of(a=int, b=str), False, True),
    "remove an optional field": (of(a=int, b=(str, "x")), A, True, True),
    "remove a required field": (of(a=int, b=str), A, True, False),
    "rename a field": (of(a=int, b=str), of(a=int, c=str), False, False),
    "required becomes optional": (of(a=int, b=str), of(a=int, b=(str, "x")), True, False),
    "optional becomes required": (of(a=int, b=(str, "x")), of(a=int, b=str), False, True),
    "another type": (A, of(a=str), False, False),
    "whole numbers become any": (A, of(a=float), True, False),
    "may be null": (A, of(a=int | None), True, False),
    "may be null no more": (of(a=int | None), A, False, True),
    "add a member to a closed list": (of(a=Two), of(a=Three), True, False),
    "add a member to an open list": (opened(of(a=Two), "a"), opened(of(a=Three), "a"), True, True),
    "a list becomes a text": (of(a=Two), of(a=str), True, False),
    "a list becomes too short a text": (of(a=Two), of(a=Annotated[str, Meta(min_length=2)]), False, False),
    "a looser limit": (of(a=Short), of(a=Long), True, False),
    "a tighter limit": (of(a=Long), of(a=Short), False, True),
    "a new limit": (of(a=str), of(a=Short), False, True),
    "0 is allowed": (of(a=Positive), of(a=NotNegative), True, False),
    "at least 1 as at more than 0": (of(a=Positive), of(a=Annotated[int, Meta(ge=1)]), True, True),
    "a pattern": (of(a=str), of(a=Annotated[str, Meta(pattern="^x")]), False, True),
    "a line gets a required field": (of(a=list[Line]), of(a=list[Wide]), False, True),
    "one place more, required": (of(a=Pair), of(a=Triple), False, True),
    "one place more, optional": (of(a=Pair), of(a=Padded), True, True),
    "a list becomes one of another kind": (of(a=list[int]), of(a=list[str]), False, False),
    "at least one element": (of(a=list[int]), of(a=Annotated[list[int], Meta(min_length=1)]), False, True),
}


@pytest.mark.parametrize(("old", "new", "backward", "forward"), CASES.values(), ids=CASES)
def test_who_can_read_whom(old: Schema, new: Schema, backward: bool, forward: bool) -> None:
    assert (not list(breaks(old, new)), not list(breaks(new, old))) == (backward, forward)


@pytest.mark.parametrize(
    ("writer", "reader", "said"),
    [
        (A, of(a=str), ("a", "is written as integer and read as string")),
        (A, of(a=int, b=str), ("b", "must be there to be read, and is not written")),
        (of(a=list[Line]), of(a=list[Wide]), ("a[].tax", "must be there to be read, and is not written")),
        (of(a=Pair), of(a=Triple), ("a", "is written with minItems 2, read with minItems 3")),
        (of(a=Three), of(a=Two), ("a", "may be C, which is not read")),
        (of(a=Long), of(a=Short), ("a", "is written with maxLength 100, read with maxLength 10")),
    ],
)
def test_it_names_the_field_and_says_why(writer: Schema, reader: Schema, said: tuple[str, str]) -> None:
    (found,) = breaks(writer, reader)
    assert (found.field, found.what) == said
    assert found.allowed


def test_it_does_not_judge_what_it_does_not_understand() -> None:
    odd: Callable[[], Schema] = lambda: {"type": "object", "properties": {"a": {"type": "string", "contains": 1}}}  # noqa: E731
    with pytest.raises(ValueError, match="a: keyword 'contains' can't be compared"):
        list(breaks(odd(), odd()))


def test_every_message_can_be_read_by_its_own_version() -> None:
    for kind, schema in by_type(schemas()).items():
        assert list(breaks(schema, schema)) == [], kind
