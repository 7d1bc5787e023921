"""Excerpts of a module's source in a notebook, by the names of its functions."""

from types import ModuleType

from ecomkafka.views.sources import Source, source


def excerpt(module: ModuleType | type, *names: str) -> Source:
    """The source of these functions or classes of `module` (or methods of a class), in the order given.

    Raises AttributeError for a name that it does not have.
    """
    parts = [source(getattr(module, name)) for name in names]
    gap = "\n" if isinstance(module, type) else "\n\n"
    return Source(f"{module.__name__}: {', '.join(names)}", gap.join(part.text for part in parts))
