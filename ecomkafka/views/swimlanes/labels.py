"""The label of a record's arrow, and how much room it takes. All widths are inches."""

from collections.abc import Mapping
from functools import lru_cache

import pandas as pd
from matplotlib.font_manager import FontProperties, findfont, get_font

from ecomkafka.views.fonts import OWN

SIZE, SMALL = 8.0, 6.3
"""How large the letters are, in points, and in a small picture."""

ADDRESS = 6.5
"""The size of a record's address."""

LOOP = 0.22
"""How far the arrow of a service to itself goes out."""

GAP = 0.08
"""Between a lane and the words beside it."""

SPACE = 4 / 72
"""Between a type and what is written beside it."""


def names(text: str) -> list[str]:
    return [name for name in text.split(", ") if name]


def is_loop(row: pd.Series) -> bool:
    """Whether a record goes to the service that wrote it, or to nobody who is shown."""
    return row["to"] in ("", row["from"])


def beside(row: pd.Series) -> str:
    """What is written beside the type."""
    return str(row["warehouse"]) if row["attempt"] == 1 else f"attempt {row['attempt']}"


def address(row: pd.Series) -> str:
    """Where the record is: topic, partition, offset. Empty for what is no record."""
    return f"{row['topic']}:{row['partition']}:{row['offset']}" if row["topic"] else ""


@lru_cache(maxsize=1_000)
def width(words: str, size: float, *, bold: bool = False) -> float:
    font = get_font(findfont(FontProperties(family=OWN, weight="bold" if bold else "normal")))
    font.set_size(size, 72)
    font.set_text("".join(letter if letter.isascii() else "m" for letter in words))
    return float(font.get_width_height()[0]) / 64 / 72


def reach(row: pd.Series, places: Mapping[str, float], size: float) -> tuple[float, float]:
    """How far a record's words go to the left and to the right of the lane that wrote it."""
    kind, more = width(str(row["type"]), size, bold=True), width(beside(row), size)
    if is_loop(row) and row["attempt"] > 1:
        return GAP + more, LOOP + GAP + kind
    words = kind + (SPACE + more if beside(row) else 0.0)
    if is_loop(row):
        return 0.0, LOOP + GAP + words
    if size == SIZE:  # a small picture has no addresses
        words = max(words, width(address(row), ADDRESS))
    leftwards = max(places[name] for name in names(str(row["to"]))) < places[str(row["from"])]
    return (GAP + words, 0.0) if leftwards else (0.0, GAP + words)
