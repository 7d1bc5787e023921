"""To look at a shop again and again, for some seconds."""

import time
from collections.abc import Callable, Mapping

EVERY = 0.05
"""Seconds between the end of a look and the beginning of the next one."""


def watched(look: Callable[[], Mapping[str, float]], seconds: float) -> list[dict[str, float]]:
    """What `look()` has found, again and again for so many seconds, each with the `seconds` since the call."""
    start = time.monotonic()
    rows = [_row(look, start)]
    while time.monotonic() - start < seconds:
        time.sleep(EVERY)
        rows.append(_row(look, start))
    return rows


def _row(look: Callable[[], Mapping[str, float]], start: float) -> dict[str, float]:
    found = dict(look())
    return {"seconds": time.monotonic() - start, **found}
