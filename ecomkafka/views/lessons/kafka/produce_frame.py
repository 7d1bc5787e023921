"""The figures of lesson 01: a request's bytes, and what four defaults of a client cost."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ecomkafka.lessons.produce_request import PARTS, Field, as_table
from ecomkafka.views.view import BLACK, HATCHES, ORANGE, View, new_figure, tidy

_ROW = 16
_TINTS = dict(zip(PARTS, ("#FFFFFF", "#FCE3B0", "#CDE8F7", "#C8EBDD"), strict=True))


def frame_plot(found: Sequence[Field], frame: bytes) -> View:
    """The frame as a hex dump of 16 bytes per row, each part in a tint of its own and each field in a frame.

    The small number at the first byte of a field is its row in `table`.
    """
    rows = -(-len(frame) // _ROW)
    figure = new_figure(0.9 + 0.4 * rows)
    axes = figure.subplots()
    for number, field in enumerate(found):
        for at in range(field.start, field.start + field.size):
            _byte(axes, frame, at, field, number)
    axes.set(xlim=(-1.2, _ROW + 0.1), ylim=(rows + 0.05, -0.1))
    axes.set_yticks([row + 0.5 for row in range(rows)], [str(row * _ROW) for row in range(rows)])
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    axes.set_ylabel("first byte of the row")
    handles = [Rectangle((0, 0), 1, 1, facecolor=_TINTS[part], edgecolor=BLACK, label=part) for part in PARTS]
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(PARTS), frameon=False)
    sizes = {part: sum(field.size for field in found if field.part == part) for part in PARTS}
    said = ", ".join(f"{part} {sum(f.part == part for f in found)}" for part, size in sizes.items() if size)
    return View(figure, as_table(list(found), frame), f"The bytes of a request, field by field. Fields: {said}.")


def _byte(axes: Axes, frame: bytes, at: int, field: Field, number: int) -> None:
    row, column = divmod(at, _ROW)
    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=_TINTS[field.part], edgecolor="none"))
    first, last = at == field.start, at == field.start + field.size - 1
    letter = chr(frame[at]) if isinstance(field.value, str) and 32 < frame[at] < 127 else ""
    axes.text(column + 0.56, row + 0.6, f"{frame[at]:02x}", ha="center", va="center", family="monospace", fontsize=9)
    axes.text(column + 0.94, row + 0.24, letter, ha="right", va="center", fontsize=7.5, color="#0072B2")
    for end, x in ((first, column), (last, column + 1)):
        if end:
            axes.plot([x, x], [row + 0.04, row + 0.96], color=BLACK, linewidth=1.1)
    axes.plot([column, column + 1], [row + 0.04] * 2, color=BLACK, linewidth=0.5)
    axes.plot([column, column + 1], [row + 0.96] * 2, color=BLACK, linewidth=0.5)
    if first:
        axes.text(column + 0.06, row + 0.24, str(number), ha="left", va="center", fontsize=6)


def defaults_plot(table: pd.DataFrame) -> View:
    """A bar per row: how many went wrong with the client's `default`; its label adds how many when it was `repaired`.

    The index says of what; `of` is how many there were.
    """
    figure = new_figure(1.0 + 0.5 * len(table))
    axes = figure.subplots()
    shares, rows = table["default"] / table["of"], range(len(table))
    axes.barh(rows, shares, height=0.5, color=ORANGE, hatch=HATCHES[1], edgecolor=BLACK, linewidth=0.5)
    counts = list(zip(table.index, table["default"], table["repaired"], table["of"], strict=True))
    for row, share, (_, bad, good, of) in zip(rows, shares, counts, strict=True):
        axes.text(share + 0.01, row, f"{bad} of {of}, after the repair {good}", va="center", fontsize=9)
    axes.set_yticks(rows, list(table.index))
    axes.set(ylim=(len(table) - 0.5, -0.5), xlim=(0, 1.35), xticks=[0, 0.5, 1], xticklabels=["0 %", "50 %", "100 %"])
    tidy(axes, x="share that went wrong with the default")
    axes.grid(visible=False)  # it would strike through the labels
    wrong = "; ".join(f"{what}: {bad} with the default, {good} after the repair" for what, bad, good, _ in counts)
    return View(figure, table, f"What went wrong. {wrong}.")
