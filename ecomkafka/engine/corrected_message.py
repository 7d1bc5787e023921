"""A message that an operator corrects: the result must be a valid message of its topic."""

from collections.abc import Container, Iterable, Mapping, Set
from itertools import product
from typing import Any, NamedTuple

import msgspec

from ecomkafka.contracts.codec import Codec, UndecodableError
from ecomkafka.messages import Message, OpenEnum


class Corrected(NamedTuple):
    message: Message
    value: bytes
    """The message as it is to be written: with the fields of a newer version that it had."""
    written: Set[str]
    """The names of the fields that the operator has given."""


def corrected(value: bytes | None, codec: Codec, fields: Mapping[str, str], whole: str | None = None) -> Corrected:
    """The message in `value`, or in `whole` if given, with `fields` changed to these texts.

    A text stands for itself or for the JSON it is, whatever the field can hold: `customer_id=7` is a text, `attempt=7`
    a number. Raises ValueError that says what is wrong and what is allowed.
    """
    if not fields and whole is None:
        raise ValueError("nothing to change: FIELD=VALUE is needed, for example customer_id=ann, or the whole message")
    document = _document(value if whole is None else whole.encode())
    wrong: UndecodableError | None = None
    for values in product(*map(_readings, fields.values())):
        changed = msgspec.json.encode(document | dict(zip(fields, values, strict=True)))
        try:
            message: Message = codec.decode(changed)
        except UndecodableError as error:
            wrong = error
            continue
        written = {*fields} if whole is None else {*fields, *document}
        _check_known(message, written, document if whole is None else {})
        return Corrected(message, changed, written)
    raise ValueError(f"with these changes it is no message of its topic: {wrong}")


def _check_known(message: Message, written: Iterable[str], there: Container[str]) -> None:
    """Who writes is strict: a reader would pass over a name that is none, and so over a slip of the pen.

    A field of a newer version that was `there` may be changed.
    """
    known = ("type", *message.__struct_fields__)
    for name in written:
        if name not in known and name not in there:
            raise ValueError(f"unknown field `{name:.80}`: {message.type} has {', '.join(known)}")
        value = getattr(message, name, None)
        if isinstance(value, OpenEnum) and not value.is_known:
            raise ValueError(f"{name} is {value}: this version has {', '.join(type(value))}")


def _document(value: bytes | None) -> dict[str, Any]:
    try:
        return msgspec.json.decode(value or b"", type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"there is no JSON object to change fields of ({error}): give the whole message") from error


def _readings(text: str) -> list[Any]:
    try:
        return [text, msgspec.json.decode(text)]
    except msgspec.MsgspecError:
        return [text]
