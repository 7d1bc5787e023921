"""Excerpts of a module's source in a notebook: whole functions by their names, or a passage of one."""

from types import ModuleType

from ecomkafka.views.sources import Source, source


def excerpt(module: ModuleType | type, *names: str) -> Source:
    """The source of these functions or classes of `module` (or methods of a class), in the order given.

    Raises AttributeError for a name that it does not have.
    """
    parts = [source(getattr(module, name)) for name in names]
    gap = "\n" if isinstance(module, type) else "\n\n"
    return Source(f"{module.__name__}: {', '.join(names)}", gap.join(part.text for part in parts))


def passage(module: ModuleType | type, name: str, first: str, last: str) -> Source:
    """The head of one function and its lines from the one with `first` to the next one with `last`; "..." stands for
    the others. Raises ValueError for a text that is in no line.
    """
    head, *body = excerpt(module, name).text.rstrip().splitlines()
    start = _line(body, first, 0)
    end = _line(body, last, start)
    shown = [head, *["    ..."] * (start > 0), *body[start : end + 1], *["    ..."] * (end + 1 < len(body))]
    return Source(f"{module.__name__}: from {name}", "\n".join(shown))


def _line(body: list[str], text: str, start: int) -> int:
    for number, line in enumerate(body[start:], start):
        if text in line:
            return number
    raise ValueError(f"{text!r} is in no line of the source from line {start + 2} on")
