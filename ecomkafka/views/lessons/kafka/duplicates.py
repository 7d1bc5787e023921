"""The figures of lesson 08: what is missing and what is doubled; how many ids recognise a duplicate."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ecomkafka.views.view import BLACK, BLUE, HATCHES, ORANGE, PURPLE, View, new_figure, tidy


def duplicates_plot(frame: pd.DataFrame, by: str, title: str = "", of: str = "records") -> View:
    """Bars to the right for `copies`, to the left for what is `missing`: one per row of `by` and `fault`. Two faults
    differ in colour; with one fault all bars have one look, which is neither fault's.

    `of`: what is counted. Where `errors raised` is given and not 0, it is written beside the bar.
    """
    rows = list(dict.fromkeys(frame[by]))
    faults = list(dict.fromkeys(frame["fault"]))
    figure = new_figure(height=1.1 + 0.62 * len(rows))
    axes = figure.subplots()
    thick = 0.8 / len(faults)
    for number, (fault, colour, hatch) in enumerate(zip(faults, (BLUE, ORANGE), HATCHES, strict=False)):
        of_fault = frame[frame["fault"] == fault].set_index(by).loc[rows]
        y = [row - 0.4 + (number + 0.5) * thick for row in range(len(rows))]
        look: dict[str, Any] = {"height": thick, "color": colour, "hatch": hatch, "edgecolor": BLACK, "linewidth": 0.5}
        if len(faults) == 1:
            look |= {"color": PURPLE, "hatch": HATCHES[2]}
        axes.barh(y, -of_fault["missing"], **look)
        axes.barh(y, of_fault["copies"], label=fault, **look)
        errors = of_fault["errors raised"] if "errors raised" in of_fault else [0] * len(rows)
        for place, copies, missing, raised in zip(y, of_fault["copies"], of_fault["missing"], errors, strict=True):
            _label(axes, place, int(copies), int(missing), int(raised))
    axes.axvline(0, color=BLACK, linewidth=1)
    most = max(1, int(frame[["copies", "missing"]].to_numpy().max()))
    wide = (1.6 if "errors raised" in frame else 1.35) * most
    tidy(axes, x=f"{of}:  ← missing  |  too many →")
    axes.set(yticks=range(len(rows)), yticklabels=rows, xlim=(-wide, wide), xticks=[])
    axes.grid(visible=False)
    axes.invert_yaxis()
    axes.set_title(title, pad=28 if len(faults) > 1 else 6)
    if len(faults) > 1:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(faults), frameon=False)
    wrong = frame[(frame["copies"] > 0) | (frame["missing"] > 0)]
    each = zip(wrong[by], wrong["fault"], wrong["missing"], wrong["copies"], strict=True)
    text = [
        f"{row}, {fault}: {missing} missing, {copies} twice".replace("\n", " ") for row, fault, missing, copies in each
    ]
    return View(figure, frame, f"Bars of missing {of} and copies. {'; '.join(text) or 'None of either'}.")


def _label(axes: Axes, y: float, copies: int, missing: int, raised: int) -> None:
    text = f"+{copies}" if copies else f"−{missing}" if missing else "±0"
    x, side = (-missing, "right") if missing else (copies, "left")
    axes.text(x, y, f" {text}{f', {raised} errors raised' if raised else ''} ", ha=side, va="center", fontsize=9)


def memory_plot(frame: pd.DataFrame) -> View:
    """Copies that were not recognised, by how many ids were kept (`ids kept`, `unrecognised`), none of them 0: both
    scales are logarithmic.
    """
    figure = new_figure(height=3.4)
    axes = figure.subplots()
    axes.plot(frame["ids kept"], frame["unrecognised"], color=BLUE, marker="o")
    points = list(zip(frame["ids kept"], frame["unrecognised"], strict=True))
    for kept, unrecognised in points:
        axes.annotate(f"{unrecognised:,}", (kept, unrecognised), textcoords="offset points", xytext=(6, 6), fontsize=9)
    axes.set(xscale="log", yscale="log")
    axes.set(xticks=frame["ids kept"], xticklabels=[f"{kept:,}" for kept in frame["ids kept"]])
    ticks = [10**power for power in range(len(str(frame["unrecognised"].max())))]
    axes.set(yticks=ticks, yticklabels=[f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(bottom=1, top=2.5 * frame["unrecognised"].max())
    tidy(
        axes, title="Copies that a too small memory takes for new orders",
        x="ids kept (ended orders; log scale)", y="copies not recognised\n(units sold twice; log scale)",
    )  # fmt: skip
    pairs = ", ".join(f"{kept:,} ids: {unrecognised}" for kept, unrecognised in points)
    return View(figure, frame, f"A falling line: copies that were not recognised, by the ids kept. {pairs}.")
