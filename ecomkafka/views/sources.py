"""The package's source code in a notebook, read from the running module."""

import inspect
import textwrap
from types import ModuleType
from typing import Any


class Source:
    """Shown in a notebook as highlighted code under its full name."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def __repr__(self) -> str:
        return f"source of {self.name}"

    def _repr_markdown_(self) -> str:
        return f"`{self.name}`\n\n```python\n{self.text.rstrip()}\n```"


def source(thing: Any) -> Source:
    """The source of a function, method, property, class or module.

    Raises TypeError for anything else: a value does not know where it was written.
    """
    target = thing.fget if isinstance(thing, property) else thing
    if isinstance(target, ModuleType):
        return Source(target.__name__, inspect.getsource(target))
    if not (inspect.isroutine(target) or inspect.isclass(target)) or inspect.isbuiltin(target):
        raise TypeError(f"{thing!r:.80} is a {type(thing).__name__}: a function, a class or a module has a source")
    text = textwrap.dedent(inspect.getsource(target))
    return Source(f"{target.__module__}.{target.__qualname__}", text)
