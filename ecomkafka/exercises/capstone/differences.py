"""The first field in which an answer differs from the right one, in words."""

import json
from contextlib import suppress
from typing import Any

from ecomkafka.messages import Message, encode

MISSING = "not there"


def first_difference(right: Message, value: bytes | None) -> tuple[str, str] | None:
    """What is expected and what was observed, "shortages[0].available: 0" for example; None if `value` is no JSON
    object, or differs in nothing.
    """
    with suppress(ValueError):
        observed = json.loads(value or b"")
        if isinstance(observed, dict):
            return _difference(json.loads(encode(right)), observed, "")
    return None


def _difference(right: Any, observed: Any, path: str) -> tuple[str, str] | None:
    if isinstance(right, dict) and isinstance(observed, dict):
        for name in right:
            if found := _difference(right[name], observed.get(name, MISSING), f"{path}.{name}".removeprefix(".")):
                return found
        return None
    if isinstance(right, list) and isinstance(observed, list):
        for number, (one, other) in enumerate(zip(right, observed, strict=False)):
            if found := _difference(one, other, f"{path}[{number}]"):
                return found
        if len(right) != len(observed):
            return f"{path}: {len(right)} entries", f"{path}: {len(observed)}"
        return None
    return None if right == observed else (f"{path}: {_cut(right)}", f"{path}: {_cut(observed)}")


def _cut(value: Any) -> str:
    return f"{value!s:.80}"
