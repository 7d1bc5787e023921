"""The shape of an answer: any collection is accepted, anything else is named in the verdict."""

from collections.abc import Collection, Mapping
from typing import Any

from ecomkafka.exercises.checking.verdict import Wrong


def items(found: Any, wanted: str) -> list[Any]:
    """The items of a list, a set, a tuple, …. Raises Wrong for all else: `wanted` is "a set of order ids"."""
    if isinstance(found, Collection) and not isinstance(found, str | bytes | Mapping):
        return list(found)
    raise _misshapen(found, wanted)


def texts(found: Any, wanted: str) -> list[str]:
    """Items, each a text."""
    got = items(found, wanted)
    if not all(isinstance(item, str) for item in got):
        raise _misshapen(found, wanted)
    return got


def pairs(found: Any, wanted: str) -> list[tuple[str, str]]:
    """Items, each a tuple or a list of two texts."""
    got = [tuple(item) if isinstance(item, tuple | list) else () for item in items(found, wanted)]
    if not all(len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in got):
        raise _misshapen(found, wanted)
    return [(first, second) for first, second in got]


def mapping(found: Any, wanted: str) -> dict[Any, Any]:
    if isinstance(found, Mapping):
        return dict(found)
    raise _misshapen(found, wanted)


def _misshapen(found: Any, wanted: str) -> Wrong:
    return Wrong(f"Return {wanted}.", wanted, f"{found!r:.80}")
