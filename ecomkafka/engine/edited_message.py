"""A message edited by hand: the result must be a valid message of its topic."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import msgspec

from ecomkafka.messages import Codec, Message, UndecodableError


def corrected(value: bytes | None, codec: Codec, fields: Mapping[str, str], whole: str | None = None) -> Message:
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
            return message
        except UndecodableError as error:
            wrong = error
    raise ValueError(f"with these changes it is no message of its topic: {wrong}")


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
