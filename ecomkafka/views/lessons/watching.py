"""The figures of lesson 17: lag and age in two situations, how long orders took, and the spans of one order."""

from collections.abc import Mapping, Sequence
from statistics import fmean, median

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
    """How long each order took, shortest first, with the mean, the median and the 95th percentile."""
    took = sorted(seconds)
    marks = {"median": median(took), "mean": fmean(took), "95th percentile": percentile(took, 0.95)}
    figure = new_figure(3.4)
    axes = figure.subplots()
    axes.bar(range(1, len(took) + 1), took, width=1.0, color=BLUE, edgecolor="white", linewidth=0.3)
    for (name, value), dash in zip(marks.items(), (":", "-", "--"), strict=True):
        axes.axhline(value, color=BLACK, linestyle=dash, linewidth=1)
        axes.annotate(name, (0.01, value), xycoords=("axes fraction", "data"), va="bottom", fontsize=9)
    axes.set(xlim=(0, len(took) + 1), ylim=(0, 1.15 * took[-1]))
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
    """A bar for each span, in the sequence of their starts; columns `service`, `name`, `start` and `end` (ms)."""
    begin = spans["start"].min()
    table = spans.assign(start=spans["start"] - begin, ms=spans["end"] - spans["start"])
    table = table.sort_values(["start", "ms"], ascending=[True, False], kind="stable", ignore_index=True)
    services = list(dict.fromkeys(table["service"]))
    figure = new_figure(0.9 + 0.26 * len(table))
    axes = figure.subplots()
    axes.set(xlim=(0, 1.02 * table["ms"].max()), ylim=(len(table) - 0.4, -0.6))
    for row, (service, name, start, ms) in enumerate(table[["service", "name", "start", "ms"]].to_numpy()):
        look = services.index(service)
        width = max(ms, 0.004 * table["ms"].max())  # what took no time is seen all the same
        axes.barh(row, width, left=start, height=0.7, color=PALETTE[look], hatch=HATCHES[look], edgecolor="white")
        _write(axes, row, start, start + width, f" {service}: {name}, {ms:.0f} ms ")
    tidy(axes, x="ms since the order")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    longest = table[table["name"] != "order"].sort_values("ms", kind="stable").iloc[-1]
    service, name = longest["service"], longest["name"]
    return View(figure, table, f"The spans of one order. The longest piece of work is {service}'s: {name}.")


def _write(axes: Axes, row: int, left: float, right: float, text: str) -> None:
    """After the bar; in front of one that ends too far right; on one that leaves no room at either side."""
    most = axes.get_xlim()[1]
    at, side = (right, "left") if right < 0.55 * most else (left, "right") if left > 0.45 * most else (right, "right")
    plate = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axes.text(at, row, text, va="center", ha=side, fontsize=8, color=BLACK, bbox=plate)
