"""Old events as today's: each step is a pure function on the fields of a message, applied when it is read.

It is for what tolerance can't do: a field that today's readers need, and that older versions wrote otherwise. The log
is never rewritten, so a step stays as long as a log may have what it is for. Today's messages do not come here: only
what can't be decoded as it is.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Fields = dict[str, Any]


class Upcast(NamedTuple):
    """For messages of `type` that versions up to `until` have written: `step` gives the fields `gives`.

    A message has no number of its version, so the step is taken where `gives` is missing: fields that every later
    version has. `until` is for the check of released schemas.
    """

    type: str
    until: int
    gives: tuple[str, ...]
    step: Callable[[Fields], Fields]


def _failed_for_a_reason(fields: Fields) -> Fields:
    """NOTIFICATION_FAILED called its `reason` `error`."""
    return fields | {"reason": fields.get("error")}


UPCASTS = (Upcast("NOTIFICATION_FAILED", 1, ("reason",), _failed_for_a_reason),)
"""The oldest first: a message goes through all that concern it."""


def upcast(fields: Fields, steps: Iterable[Upcast] = UPCASTS) -> Fields:
    """The fields after every step for this type whose fields are not there yet."""
    for step in steps:
        if step.type == fields.get("type") and not fields.keys() >= set(step.gives):
            fields = step.step(fields)
    return fields
