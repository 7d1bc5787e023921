"""The drawing of a swim-lane: lanes, a box around each transaction, a label beside each arrow (`arrows.py`)."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from ecomkafka.views.swimlanes.arrows import STROKES, draw_arrow
from ecomkafka.views.swimlanes.labels import ADDRESS, GAP, LOOP, SIZE, SMALL, address, beside, is_loop, names, reach
from ecomkafka.views.swimlanes.spacing import room
from ecomkafka.views.view import GREEN, GREY

PAYMENT_ROOM = 0.5
"""The room above a transaction for the answer of the payment gateway, in rows."""

PAPER = {"boxstyle": "square,pad=0", "facecolor": "white", "edgecolor": "none", "alpha": 0.6}
"""Behind words, where they cross a lane."""


def places_down(table: pd.DataFrame) -> pd.Index:
    """How far down each record of the table is."""
    return pd.Index(range(len(table)), dtype=float) + PAYMENT_ROOM * (table["payment"] != "").cumsum().to_numpy()


def height(table: pd.DataFrame) -> float:
    """How many rows high the picture of the table is."""
    return len(table) + PAYMENT_ROOM * float((table["payment"] != "").sum())


class Diagram:
    """Draws a table of `lanes.table_of` on `axes`: one row a unit down, an inch a unit to the right, the lanes at their
    `places` (see `spacing`). The table's index is how far down each record is: a payment before it takes room as well.
    """

    def __init__(self, axes: Axes, table: pd.DataFrame, places: Mapping[str, float], *, small: bool = False) -> None:
        self.axes = axes
        self.table = table.set_axis(places_down(table))
        self.small = small
        self.x = places
        self.size = SMALL if small else SIZE

    def draw(self, title: str, rows: float) -> None:
        """Draw it all, with room for so many `rows` (see `height`)."""
        self.axes.set(xlim=(0, room(small=self.small)), ylim=(rows - 0.35, -1.15))
        self.axes.set_title(title, loc="left", fontsize=9 if self.small else 11, fontweight="bold")
        self.axes.set_axis_off()
        for lane, place in self.x.items():
            self.axes.plot([place, place], [-0.6, self.table.index[-1] + 0.55], color="#BBBBBB", linewidth=1, zorder=1)
            self.axes.text(place, -0.8, lane, ha="center", va="center", fontsize=self.size + 1, fontweight="bold")
        for number, group in self.table.groupby("transaction"):
            self._box(group)
            self._margin(int(str(number)), group)
        for y, row in self.table.iterrows():
            self._record(float(str(y)), row)
        self._legend()

    def _box(self, group: pd.DataFrame) -> None:
        """The transaction, around all lanes it touches and what is written beside them."""
        top, bottom = float(group.index[0]), float(group.index[-1])
        places = [self.x[name] for text in (*group["from"], *group["to"]) for name in names(text)]
        for _, row in group.iterrows():
            left, right = reach(row, self.x, self.size)
            places += [self.x[str(row["from"])] - left, self.x[str(row["from"])] + right]
        box = FancyBboxPatch(
            (min(places) - 0.1, top - 0.46), max(places) - min(places) + 0.2, bottom - top + 0.92,
            boxstyle="round,pad=0,rounding_size=0.08", facecolor="#F3F3EE", edgecolor="#CFCFC6", linewidth=0.7,
            zorder=0,
        )  # fmt: skip
        self.axes.add_patch(box)

    def _margin(self, number: int, group: pd.DataFrame) -> None:
        """The transaction's number, and when its first record was written."""
        left, y = 0.02, float(group.index[0])
        self.axes.text(left, y - 0.13, f"{number}", va="center", fontsize=self.size, fontweight="bold", color=GREY)
        if not self.small:
            after = f"+{group['ms'].min()} ms"
            self.axes.text(left, y + 0.22, after, va="center", fontsize=self.size - 1.5, color=GREY)

    def _record(self, y: float, row: pd.Series) -> None:
        start, ends = self.x[str(row["from"])], [self.x[name] for name in names(str(row["to"]))]
        level = y + (0.3 if self.small else 0.02)
        draw_arrow(self.axes, row, start, ends, level)
        self._label(row, start, level, leftwards=bool(ends) and max(ends) < start)
        if row["payment"]:
            self._payment(start, y, str(row["payment"]))

    def _payment(self, x: float, y: float, state: str) -> None:
        """A step without a record: what the payment gateway answered before the transaction began. It stands above the
        transaction's box, for an abort does not take it back.
        """
        above = y - 0.5 - PAYMENT_ROOM / 2
        self.axes.plot(x, above, marker="D", color=GREEN, markersize=5, zorder=3)
        self.axes.text(
            x - GAP, above, f"payment {state}", ha="right", va="center", fontsize=self.size, color=GREEN, bbox=PAPER
        )

    def _label(self, row: pd.Series, x: float, y: float, *, leftwards: bool) -> None:
        """Above the arrow the type, then which warehouse or attempt; below it the address. A loop has its attempt on
        the other side of the lane: there is no room for both before the next one.
        """
        looping, more = is_loop(row), beside(row)
        at, side = (x - GAP, "right") if leftwards else (x + (LOOP + GAP if looping else GAP), "left")
        if looping and row["attempt"] > 1:
            self.axes.text(x - GAP, y - 0.08, more, ha="right", va="bottom", fontsize=self.size, bbox=PAPER)
            more = ""
        words = [(str(row["type"]), "bold"), *([(more, "normal")] if more else [])]
        (first, weight), *others = reversed(words) if leftwards else words
        style: dict[str, Any] = {"ha": side, "va": "bottom", "fontsize": self.size, "bbox": PAPER}
        text = self.axes.text(at, y - 0.08, first, fontweight=weight, **style)
        for other, weight in others:
            next_to_it = self.axes.annotate(
                other, (0 if leftwards else 1, 0), xycoords=text, xytext=(-4 if leftwards else 4, 0),
                textcoords="offset points", fontweight=weight, **style,
            )  # fmt: skip
            next_to_it.set_in_layout(False)
        if not self.small:
            self.axes.text(at, y + 0.06, address(row), ha=side, va="top", fontsize=ADDRESS, color=GREY, bbox=PAPER)

    def _legend(self) -> None:
        kinds = [kind for kind in STROKES if kind in set(self.table["kind"])]
        handles = [
            self.axes.plot([], [], color=STROKES[kind].colour, linestyle=STROKES[kind].dash, label=kind)[0]
            for kind in kinds
        ]
        if len(kinds) > 1:
            self.axes.legend(
                handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False, fontsize=7.5
            )
