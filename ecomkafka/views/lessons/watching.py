"""The figures of lesson 17: lag and age in two situations, how long orders took, and the spans of one order."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from statistics import fmean, median
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ecomkafka.views.view import BLACK, BLUE, HATCHES, ORANGE, PALETTE, VERMILLION, View, new_figure, tidy

_LINES = {"lag": ("lag, offsets", BLUE), "age": ("age of the oldest\nopen order, s", ORANGE)}


def situations_plot(situations: Mapping[str, pd.DataFrame], limits: Mapping[str, float]) -> View:
    """Lag and age (columns) over the seconds (index), side by side for each situation; `limits`: where an alert rings.

    `table`: one row per situation: the highest lag and age, and those of the last look.
    """
    figure = new_figure(4.4)
    grid = figure.subplots(len(_LINES), len(situations), sharex="col", sharey="row", squeeze=False)
    for column, (name, samples) in enumerate(situations.items()):
        for row, (number, (label, colour)) in enumerate(_LINES.items()):
            axes = grid[row][column]
            axes.plot(samples.index, samples[number], color=colour, marker="o", markersize=3)
            tidy(axes, title="" if row else name, y="" if column else label)
            _limit(axes, limits[number])
            axes.set_ylim(0, 1.15 * max(limits[number], *(float(s[number].max()) for s in situations.values())))
        grid[-1][column].set_xlabel("seconds")
    table = pd.DataFrame(
        {name: [*s[list(_LINES)].max(), *s[list(_LINES)].iloc[-1]] for name, s in situations.items()},
        index=["highest lag", "highest age", "last lag", "last age"],
    ).T
    said = "; ".join(f"{name}: {_rings(row, limits)}" for name, row in table.iterrows())
    return View(figure, table, f"Lag above, age of the oldest open order below, with the limit of an alert. {said}.")


def _limit(axes: Axes, limit: float) -> None:
    axes.axhline(limit, color=VERMILLION, linestyle="--", linewidth=1)
    text = axes.text(0.3, limit, "an alert rings above", ha="center", va="bottom", fontsize=8, color=VERMILLION)
    text.set_transform(axes.get_yaxis_transform())  # across in shares of the axes, up in the data's unit


def _rings(row: "pd.Series[float]", limits: Mapping[str, float]) -> str:
    rings = [name for name in _LINES if row[f"highest {name}"] > limits[name]]
    return f"the alert on {' and on '.join(rings)} rings" if rings else "no alert rings"


def waits_plot(seconds: Sequence[float]) -> View:
    """How long each order took, shortest first, with the mean, the median and the 95th percentile.

    A mark stands where the 95th percentile is: 95 % of the orders took no longer.
    """
    took = sorted(seconds)
    marks = {"median": median(took), "mean": fmean(took), "95th percentile": percentile(took, 0.95)}
    figure = new_figure(3.4)
    axes = figure.subplots()
    axes.bar(range(1, len(took) + 1), took, width=1.0, color=BLUE, edgecolor="white", linewidth=0.3)
    for (name, value), dash in zip(marks.items(), (":", "-", "--"), strict=True):
        axes.axhline(value, color=BLACK, linestyle=dash, linewidth=1)
        axes.annotate(
            f"{name} {value:.1f} s", (0.01, value), xycoords=("axes fraction", "data"), va="bottom", fontsize=9
        )
    rank = ceil(0.95 * len(took))
    axes.plot(rank, took[rank - 1], marker="v", markersize=10, color=VERMILLION, markeredgecolor=BLACK)
    place, away = (rank, took[rank - 1]), (-10, 2)
    axes.annotate(
        f"order {rank}: 95 % of {len(took)}",
        place,
        away,
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=9,
    )
    axes.set(xlim=(0, len(took) + 1), ylim=(0, 1.2 * took[-1]))
    tidy(axes, x="orders, the quickest first", y="seconds to the end")
    table = pd.DataFrame({"seconds": marks})
    first, *_, last = sorted(marks, key=lambda name: marks[name])
    return View(
        figure, table, f"How long each order took. The {first} is the lowest of the lines, the {last} the highest."
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    return next(value for rank, value in enumerate(ordered, 1) if rank >= share * len(ordered))


def waterfall_plot(spans: pd.DataFrame) -> View:
    """A bar for each span of which something came, below its parent and indented; times in ms.

    Columns: `service`, `name`, `start`, `end`, `span` and `parent` (their ids). A record of which nothing came has a
    span without length: it is counted, and gets no bar.
    """
    begin = spans["start"].min()
    every = spans.assign(start=spans["start"] - begin, ms=spans["end"] - spans["start"])
    every = every.sort_values(["start", "ms"], ascending=[True, False], kind="stable")
    shown = every[every["span"].isin(every["parent"])]
    roots = shown[~shown["parent"].isin(shown["span"])]
    table = pd.DataFrame([row for _, root in roots.iterrows() for row in _below(shown, root, 0)]).reset_index(drop=True)
    left_out = len(every) - len(table)
    services = list(dict.fromkeys(table["service"]))
    figure = new_figure(1.0 + 0.36 * len(table))
    axes = figure.subplots()
    most = table["ms"].max()
    axes.set(xlim=(0, 1.12 * most), ylim=(len(table) - 0.4, -0.6))
    for row, (service, start, ms) in enumerate(table[["service", "start", "ms"]].to_numpy()):
        look = services.index(service)
        width = max(ms, 0.004 * most)  # a quick span is seen all the same
        axes.barh(row, width, left=start, height=0.7, color=PALETTE[look], hatch=HATCHES[look], edgecolor="white")
        axes.text(start + width, row, f" {ms:.0f} ms", va="center", fontsize=9)
    tidy(axes, x="ms since the order")
    _names(axes, table)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    said = (
        f"The spans of one order, each below its parent. {left_out} records are left out, because nothing came of them."
    )
    return View(figure, table, said)


def _below(spans: pd.DataFrame, span: "pd.Series[Any]", depth: int) -> Iterator["pd.Series[Any]"]:
    """The span and all that came of it, the earlier child first."""
    yield pd.concat([span, pd.Series({"depth": depth})])
    for _, child in spans[spans["parent"] == span["span"]].iterrows():
        yield from _below(spans, child, depth + 1)


def _names(axes: Axes, table: pd.DataFrame) -> None:
    """In front of the bars, indented by depth."""
    names = [
        f"{'      ' * depth}{'└ ' if depth else ''}{service}: {name}"
        for service, name, depth in table[["service", "name", "depth"]].to_numpy()
    ]
    axes.set_yticks(range(len(names)), names, ha="left", fontsize=9)
    axes.tick_params(axis="y", length=0, pad=7 * max(map(len, names)) * 0.6)
