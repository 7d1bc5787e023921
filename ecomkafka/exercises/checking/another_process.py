"""A function called as in another process, where Python's `hash` of a text is a different number."""

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.verdict import Wrong

UNSTEADY = "Another process gives this another key: Python salts the `hash` of a text anew each time it starts."


def with_another_salt(function: Callable[..., Any]) -> Callable[..., Any]:
    """A copy whose own `hash` has another salt; everybody else's stays."""
    if not isinstance(function, FunctionType):
        return function
    names = {**function.__globals__, "hash": lambda value: hash(("another salt", value))}
    copy = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def check_stable(answer: Bounded, messages: Sequence[Any], keys: Sequence[Any]) -> None:
    """Raises Wrong if the messages would have other keys than `keys` in another process."""
    elsewhere = with_another_salt(answer.function)
    for message, key in zip(messages, keys, strict=True):
        other = answer.call(elsewhere, message)
        if other != key:
            raise Wrong(UNSTEADY, f"{key!r:.60} for {message.type}, in each process", f"{other!r:.60} in another one")
