"""The settings of a class, changed during a block: a lesson makes a memory small, or a client impatient."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def altered(owner: type, **values: Any) -> Iterator[None]:
    """Inside the block these attributes of the class have these values, afterwards those from before.

    Raises AttributeError for one that the class does not have.
    """
    usual = {name: getattr(owner, name) for name in values}
    try:
        for name, value in values.items():
            setattr(owner, name, value)
        yield
    finally:
        for name, value in usual.items():
            setattr(owner, name, value)
