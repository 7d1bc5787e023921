"""The label of a record's arrow, and how much room it takes. Widths are measured in lanes."""

from collections.abc import Mapping

import pandas as pd

LOOP = 0.16
"""How far the arrow of a service to itself goes out."""

GAP = 0.06
"""Between a lane and the words beside it."""

EM, BOLD = 0.62, 0.72
"""How wide a letter is, of its size, about."""


def names(text: str) -> list[str]:
    return [name for name in text.split(", ") if name]


def is_loop(row: pd.Series) -> bool:
    """Whether a record goes to the service that wrote it, or to nobody who is shown."""
    return row["to"] in ("", row["from"])


def beside(row: pd.Series) -> str:
    """What is written beside the type."""
    return str(row["warehouse"]) if row["attempt"] == 1 else f"attempt {row['attempt']}"


def span(row: pd.Series, places: Mapping[str, int], size: float) -> list[float]:
    """From where to where a record's words go, with letters of `size`; some need more room than there is to the next
    lane.
    """
    at, more = places[str(row["from"])], EM * size * len(beside(row))
    kind = BOLD * size * len(str(row["type"]))
    if is_loop(row):
        left = GAP + more if row["attempt"] > 1 else 0.0
        return [at - left, at + LOOP + GAP + kind + (more if not left else 0.0)]
    leftwards = max(places[name] for name in names(str(row["to"]))) < at
    return [at - GAP - kind - more, at] if leftwards else [at, at + GAP + kind + more]
