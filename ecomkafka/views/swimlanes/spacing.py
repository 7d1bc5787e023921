"""Where the lanes of a swim-lane stand: as far from each other as the words between them need."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import pandas as pd

from ecomkafka.views.swimlanes.labels import GAP, SIZE, SMALL, names, reach, width
from ecomkafka.views.swimlanes.lanes import LANES
from ecomkafka.views.view import WIDTH

MARGIN, SMALL_MARGIN = 0.62, 0.2
"""At the left: the numbers of the transactions, and when they were written."""

HEAD = 0.12
"""What an arrow's head takes of the room for words."""

EDGE = 0.12
"""What the figure keeps free around a picture."""


def room(*, small: bool) -> float:
    """How wide a picture is, in inches."""
    return WIDTH / (2 if small else 1) - EDGE


def places(table: pd.DataFrame, *, small: bool = False, lanes: Sequence[str] = LANES) -> dict[str, float]:
    """How far from the left each of the `lanes` stands that a record of the table comes from or goes to, in inches.

    Words beside a lane end before the next one, where the picture is wide enough for that.
    """
    size = SMALL if small else SIZE
    taking_part = {*table["from"], *(name for text in table["to"] for name in names(text))}
    number = {lane: float(place) for place, lane in enumerate(lane for lane in lanes if lane in taking_part)}
    first = SMALL_MARGIN if small else MARGIN
    heads = [width(lane, size + 1, bold=True) / 2 for lane in number]
    gaps = [first + heads[0], *(left + GAP + right for left, right in pairwise(heads)), heads[-1]]
    for _, row in table.iterrows():
        here = int(number[str(row["from"])])
        left, right = reach(row, number, size)
        if row["payment"]:
            left = max(left, GAP + width(f"payment {row['payment']}", size))
        gaps[here] = max(gaps[here], left + HEAD + (0.0 if here else first))
        gaps[here + 1] = max(gaps[here + 1], right + HEAD)
    return dict(zip(number, accumulate(_filled(gaps, room(small=small))[:-1]), strict=True))


def _filled(gaps: list[float], wide: float) -> list[float]:
    """The gaps between the margins, grown by the same amount (or shrunk by the same factor) to so many inches."""
    first, *between, last = gaps
    spare = wide - sum(gaps)
    if spare >= 0:
        return [first, *(gap + spare / max(1, len(between)) for gap in between), last]
    factor = max(0.3, 1 + spare / max(1.0, sum(between)))
    return [first, *(gap * factor for gap in between), last]
