"""What a message is made of, read from its type: the one place from which the schemas of Avro and Protobuf come."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect


class Text(NamedTuple):
    """Also a member of an open list: a closed one would lose a name that only a newer version knows."""


class Whole(NamedTuple):
    """A whole number of 64 bits."""


class Money(NamedTuple):
    """A Decimal of at most 15 digits before the point and 4 after it (`messages.check_money`)."""


class Time(NamedTuple):
    """An instant, to the microsecond."""


class Maybe(NamedTuple):
    """It may be null."""

    of: "Shape"


class Many(NamedTuple):
    of: "Shape"


class Record(NamedTuple):
    """Fields by name. `name` is that of the Python type."""

    name: str
    fields: tuple["Field", ...]
    on_list: bool
    """On the wire of JSON it is a list of its values (`array_like`)."""


class Field(NamedTuple):
    name: str
    shape: "Shape"
    has_default: bool
    default: Any
    """As JSON has it."""


Shape = Text | Whole | Money | Time | Maybe | Many | Record


@cache
def shape_of(kind: type[msgspec.Struct]) -> Record:
    """The shape of a message, without its tag: in Avro and Protobuf the schema's own name is that."""
    found = _shape(inspect.type_info(kind))
    assert isinstance(found, Record)
    return found


def _shape(info: inspect.Type) -> Shape:
    match info:
        case inspect.Metadata(type=inner):
            return _shape(inner)
        case inspect.StructType(cls=kind, fields=fields, array_like=on_list):
            return Record(kind.__name__, tuple(map(_field, fields)), on_list)
        case inspect.VarTupleType(item_type=item):
            return Many(_shape(item))
        case inspect.UnionType(types=types) if len(types) == 2 and info.includes_none:
            (inner,) = (one for one in types if not isinstance(one, inspect.NoneType))
            return Maybe(_shape(inner))
        case inspect.StrType() | inspect.EnumType():
            return Text()
        case inspect.IntType():
            return Whole()
        case inspect.DecimalType():
            return Money()
        case inspect.DateTimeType():
            return Time()
    raise TypeError(f"{info} has no shape: teach it to formats/shapes.py")


def _field(field: inspect.Field) -> Field:
    default = None if field.required else msgspec.to_builtins(field.default)
    return Field(field.encode_name, _shape(field.type), not field.required, default)


Step = Callable[[Any], Any] | None
"""None: the value stays as it is."""


def reader(shape: Shape, leaf: Callable[[Shape], Step] = lambda _: None) -> Step:
    """A function from a dict of fields to what msgspec converts into the message; built once per shape.

    `leaf`: what else becomes of a single value.
    """
    match shape:
        case Record():
            return _of_record(shape, leaf)
        case Maybe(inner):
            return _of_maybe(reader(inner, leaf))
        case Many(inner):
            return _of_many(reader(inner, leaf))
    return leaf(shape)


def _of_record(shape: Record, leaf: Callable[[Shape], Step]) -> Step:
    steps = [(field.name, reader(field.shape, leaf)) for field in shape.fields]
    if shape.on_list:
        return lambda row: [step(row[name]) if step else row[name] for name, step in steps]
    changed = [(name, step) for name, step in steps if step]
    return (lambda row: row | {name: step(row[name]) for name, step in changed}) if changed else None


def _of_maybe(step: Step) -> Step:
    return (lambda value: None if value is None else step(value)) if step else None


def _of_many(step: Step) -> Step:
    return (lambda values: [step(value) for value in values]) if step else None
