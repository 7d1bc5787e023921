"""Bytes to messages: tolerant of what a newer version may add, strict with everything else.

A field that this version does not know is passed over; the record still has it, so whoever forwards a record forwards
it too. A *type* that it does not know is no message here, and no poison either: `UnknownTypeError` tells it, and the
reader's place in `flow.py` says whether it is skipped or put into quarantine. (Postel's robustness principle, RFC 761;
"tolerant reader", Fowler, 2011.) What an older version wrote otherwise goes through `upcasting.py`.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ecomkafka.contracts.upcasting import upcast
from ecomkafka.messages import MESSAGES, Utc

_KNOWN = frozenset(str(message.__struct_config__.tag) for message in MESSAGES)


class _Envelope(msgspec.Struct):
    """What every message has, of whichever version."""

    type: Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{0,99}\Z")]
    at: Utc


_envelope = msgspec.json.Decoder(_Envelope)
_fields = msgspec.json.Decoder(dict[str, Any])


class UndecodableError(ValueError):
    """These bytes are not one of the messages that are allowed here."""


class UnknownTypeError(UndecodableError):
    """A message of a type that this version does not know: a newer version has written it."""

    def __init__(self, kind: str, allowed: str) -> None:
        super().__init__(f"the type {kind} is of a newer version (this one knows: {allowed})")
        self.kind = kind


class Codec:
    """Bytes to one of `types` and nothing else. Built once per topic: a msgspec decoder is compiled for its types.

    >>> Codec(OrderConfirmed, OrderCancelled).decode(b"{}")
    Traceback (most recent call last):
    ...
    ecomkafka.contracts.codec.UndecodableError: Object missing required field `type` (allowed: ORDER_CONFIRMED,
    ORDER_CANCELLED)
    """

    def __init__(self, *types: Any) -> None:
        union: Any = types[0]
        for other in types[1:]:
            union = union | other
        self._decoder = msgspec.json.Decoder(union)
        self._allowed = ", ".join(str(t.__struct_config__.tag or t.__name__) for t in types)

    def decode(self, value: bytes | None) -> Any:
        """The message in `value`. Raises UnknownTypeError, or UndecodableError that says what is wrong and what is
        allowed.
        """
        if value is None:
            raise UndecodableError(f"no value: a tombstone is not a message (allowed: {self._allowed})")
        try:
            return self._decoder.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self._of_another_version(value, error)

    def _of_another_version(self, value: bytes, error: Exception) -> Any:
        """An older one's message, by way of today's fields; of a newer one's its type; or `error`, as a sentence."""
        try:
            fields = _fields.decode(value)
            if (of_today := upcast(fields)) is not fields:
                return self._decoder.decode(msgspec.json.encode(of_today))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass  # then `error`, about what was really written, says more
        if (kind := unknown_type(value)) is not None:
            raise UnknownTypeError(kind, self._allowed) from error
        raise UndecodableError(f"{error} (allowed: {self._allowed})") from error


def unknown_type(value: bytes | None) -> str | None:
    """The type of a message of which this version knows no more than that; None for everything else."""
    try:
        kind = _envelope.decode(value or b"").type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if kind in _KNOWN else kind
