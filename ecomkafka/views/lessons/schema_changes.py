"""The figures of lesson 15: which reader can read which records, and what a change breaks."""

import pandas as pd

from ecomkafka.views.lessons.outcomes import BAD, GOOD, ODD, PLAIN, outcome_plot
from ecomkafka.views.view import View

RIGHT, WRONG, STOPS = "right", "silently wrong", "stops"
READS, BREAKS = "reads", "breaks"
WHO_FIRST = ("nobody", "readers", "writers, then wait", "not in one step")
_LOOKS = {RIGHT: GOOD, WRONG: BAD, STOPS: ODD, READS: GOOD, BREAKS: BAD} | dict.fromkeys(WHO_FIRST, PLAIN)


def readers_plot(table: pd.DataFrame, what: str = "What each reader makes of the records") -> View:
    """A field per reader or change (index) and per kind of records or direction (columns); `what` is the title."""
    said = "; ".join(f"{name}: {', '.join(row)}" for name, row in table.iterrows())
    view = outcome_plot(table, _LOOKS, f"{what}. {said}.")
    view.figure.axes[0].set_title(what, loc="left", pad=12)
    return view
