"""The figures of lesson 09: what each isolation level sees, what a crash repeats, what a transaction costs."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from ecomkafka.lessons.transaction_cost import QUARTILES
from ecomkafka.views.view import BLACK, BLUE, GREY, HATCHES, ORANGE, PALETTE, SKY, VERMILLION, View, new_figure, tidy

FATES = {"committed": SKY, "aborted": VERMILLION, "open, then aborted": ORANGE, "no transaction": "#DDDDDD"}
FATE_OF = {
    "A": "committed", "B": "aborted", "C": "open, then aborted", "D": "no transaction", "E": "committed",
}  # fmt: skip
"""By the first letter of a record's value, what becomes of its transaction in the lesson."""

CONTROL = "#AAAAAA"
MISSED: dict[str, Any] = {"fill": False, "edgecolor": GREY, "linestyle": ":", "linewidth": 1}

Placed = Sequence[tuple[int, str]]
"""(offset, value) of records."""


def isolation_plot(seen: Mapping[str, Placed], ends: Sequence[int]) -> View:
    """One row per reader: its records at their offsets, filled by what became of their transaction; empty frames for
    what it did not get, and a line where the partition ended for it.

    `seen`: by reader what it got; the first reader sees all. `ends`: of each reader the partition's end for its
    isolation level; an offset before the end without a record is a control record. `table`, by offset: value, fate, and
    by reader whether it got the record.
    """
    first = next(iter(seen.values()))
    table = pd.DataFrame(first, columns=["offset", "value"]).set_index("offset")
    table["fate"] = [FATE_OF[value[0]] for value in table["value"]]
    for reader, placed in seen.items():
        table[reader] = table.index.isin([offset for offset, _ in placed])
    figure = new_figure(height=1.1 + 0.85 * len(seen))
    axes = figure.subplots()
    for row, (reader, end) in enumerate(zip(seen, ends, strict=True)):
        for offset, value, fate, got in zip(table.index, table["value"], table["fate"], table[reader], strict=True):
            _box(axes, offset, row, value, fate, bool(got))
        for offset in sorted(set(range(end)) - set(table.index)):
            axes.add_patch(Rectangle((offset - 0.25, row - 0.15), 0.5, 0.3, facecolor=CONTROL))
        _end(axes, end, row, "last stable offset" if reader.startswith("read_committed") else "end")
    _isolation_axes(axes, table, list(seen), max(ends))
    text = "; ".join(
        f"{reader}: {' '.join(table['value'][table[reader]])}, end {end}"
        for reader, end in zip(seen, ends, strict=True)
    )
    return View(figure, table, f"Which records each reader got. {' '.join(text.split())}.")


def _frame(offset: int, row: int, **style: Any) -> Rectangle:
    return Rectangle((offset - 0.42, row - 0.3), 0.84, 0.6, **style)


def _box(axes: Axes, offset: int, row: int, value: str, fate: str, got: bool) -> None:
    if not got:
        axes.add_patch(_frame(offset, row, **MISSED))
        return
    hatch = HATCHES[list(FATES).index(fate)]
    axes.add_patch(_frame(offset, row, facecolor=FATES[fate], hatch=hatch, edgecolor=BLACK, linewidth=0.8))
    plate = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
    axes.text(offset, row, value, ha="center", va="center", fontweight="bold", bbox=plate)


def _end(axes: Axes, end: int, row: int, name: str) -> None:
    axes.plot([end - 0.5, end - 0.5], [row - 0.38, row + 0.38], color=BLACK, linewidth=2.5)
    axes.text(end - 0.5, row - 0.41, f"{name}: {end}", ha="center", va="bottom", fontsize=8)


def _isolation_axes(axes: Axes, table: pd.DataFrame, readers: list[str], end: int) -> None:
    axes.set(xlim=(-0.6, end + 0.5), ylim=(len(readers) - 0.5, -0.65))
    axes.set(xticks=range(end), yticks=range(len(readers)), yticklabels=readers, xlabel="offset in the partition")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=colour, hatch=hatch, edgecolor=BLACK, label=fate)
        for (fate, colour), hatch in zip(FATES.items(), HATCHES, strict=False)
        if fate in set(table["fate"])
    ]
    handles += [
        Rectangle((0, 0), 1, 1, facecolor=CONTROL, label="end of a transaction"),
        Rectangle((0, 0), 1, 1, label="not delivered", **MISSED),
    ]
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.04), ncols=3, frameon=False)


def crash_plot(frame: pd.DataFrame, title: str = "") -> View:
    """How often a thing happened (the columns), by the point at which the service crashed (the index)."""
    figure = new_figure(height=3.3)
    axes = figure.subplots()
    wide = 0.8 / len(frame.columns)
    for number, column in enumerate(frame.columns):
        x = [place - 0.4 + (number + 0.5) * wide for place in range(len(frame))]
        axes.bar(
            x, frame[column], width=wide, color=PALETTE[number], hatch=HATCHES[number], edgecolor=BLACK,
            linewidth=0.5, label=column,
        )  # fmt: skip
    tidy(axes, title=title, x="where it crashed, in the sequence of its loop", y="times")
    axes.set(xticks=range(len(frame)), xticklabels=[str(point).replace("_", "\n") for point in frame.index])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    often = [
        f"{column} {count} times after a crash {point}"
        for column in frame.columns
        for point, count in frame[column].items()
        if count != 1
    ]
    return View(
        figure, frame, f"Counts by crash point. Everything happened once, but: {'; '.join(often) or 'nothing'}."
    )


def cost_plot(frame: pd.DataFrame) -> View:
    """Records per second and milliseconds per transaction with their quartiles, by `records` of a transaction; log
    scales.
    """
    figure = new_figure(height=3.4)
    rate, wait = figure.subplots(1, 2)
    rate.plot(frame["records"], frame["records/s"], color=BLUE, marker="o")
    for size, value in zip(frame["records"], frame["records/s"], strict=True):
        rate.annotate(
            f"{value:,.0f}", (size, value), textcoords="offset points", xytext=(0, 8), ha="center", fontsize=9
        )
    rate.set(yscale="log", ylim=(0.6 * frame["records/s"].min(), 2.2 * frame["records/s"].max()))
    rate.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    quartiles = [frame[name] for name in QUARTILES]
    wait.fill_between(frame["records"], *quartiles, color=VERMILLION, alpha=0.2, label="the middle half")
    wait.plot(frame["records"], frame["ms per transaction"], color=VERMILLION, marker="s", label="median")
    wait.set_ylim(bottom=0, top=1.15 * quartiles[1].max())
    wait.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    for axes, y in ((rate, "records per second (log scale)"), (wait, "ms per transaction")):
        axes.set_xscale("log")
        tidy(axes, x="records in one transaction (log scale)", y=y)
        axes.set(xticks=frame["records"], xticklabels=[str(size) for size in frame["records"]])
        axes.minorticks_off()
    sizes = f"{frame['records'].min()} to {frame['records'].max()}"
    alt = f"Records per second, and the time of a transaction, both of the median transaction, for {sizes} records."
    faster = frame["records/s"].iloc[-1] > frame["records/s"].iloc[0]
    return View(figure, frame, f"{alt} The largest move {'more' if faster else 'no more'} records per second.")


def timeline_plot(frame: pd.DataFrame) -> View:
    """One bar per request, from `asked` to `answered` in ms; one part of the figure per version."""
    versions = list(frame["version"].unique())
    figure = new_figure(height=0.9 + 0.32 * len(frame))
    sizes = [int((frame["version"] == version).sum()) for version in versions]
    parts = figure.subplots(len(versions), 1, sharex=True, height_ratios=sizes)
    for axes, version, colour in zip(parts, versions, (VERMILLION, BLUE), strict=True):
        rows = frame[frame["version"] == version]
        axes.barh(
            range(len(rows)), rows["answered"] - rows["asked"], left=rows["asked"], color=colour, edgecolor=BLACK,
            linewidth=0.5,
        )  # fmt: skip
        axes.set(yticks=range(len(rows)), yticklabels=rows["request"], ylim=(len(rows) - 0.4, -0.6))
        tidy(axes, title=f"{version}: {len(rows)} requests")
    parts[-1].set_xlabel("ms since the first request")
    by_version = frame.groupby("version", sort=False)["request"]
    text = "; ".join(f"{version}: {', '.join(requests)}" for version, requests in by_version)
    return View(figure, frame, f"The requests of one transaction by time. {text}.")
