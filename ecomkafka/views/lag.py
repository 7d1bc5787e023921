"""The figure of lag: how far groups are behind the end of their topics, over time."""

import time
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import lags
from ecomkafka.views.view import DASHES, GREY, MARKERS, PALETTE, View, new_figure, tidy

Sample = tuple[float, Mapping[str, int]]
"""Seconds, and the lag in offsets by group or by topic-partition."""

LONGEST = 60.0

GAP = 0.3
"""Seconds, in the picture, between two samplings."""


def sample_lags(cluster: Cluster, until: Callable[[], object], every: float = 0.1) -> list[Sample]:
    """Each group's lag, in offsets over all partitions it reads, about every `every` seconds until `until()` is true.

    Seconds count from the call; the last sample is taken after that. Raises TimeoutError if it never is within 60 s.
    """
    start = time.monotonic()
    samples = [_sample(cluster, start)]
    while not until():
        if time.monotonic() - start > LONGEST:
            raise TimeoutError(f"lag was sampled for {LONGEST:g} s, and what it was to last for did not come")
        time.sleep(every)
        samples.append(_sample(cluster, start))
    return [*samples, _sample(cluster, start)]


def _sample(cluster: Cluster, start: float) -> Sample:
    total: dict[str, int] = {}
    for lag in lags(cluster):
        total[lag.group] = total.get(lag.group, 0) + lag.lag
    return time.monotonic() - start, total


def lag_plot(samples: Sequence[Sample], *later: Sequence[Sample]) -> View:
    """A line for each group, or for each topic-partition, over the seconds.

    `later` samplings follow after a shaded gap: how much time lies between is not known. `table`: one row a
    sample, indexed by seconds of sampling, one column a line; NaN at a gap.
    """
    table, gaps = _joined([samples, *later])
    figure = new_figure(3.6)
    axes = figure.subplots()
    for number, name in enumerate(table.columns):
        style = number % len(PALETTE)
        axes.plot(
            table.index, table[name], label=name, color=PALETTE[style], linestyle=DASHES[style],
            marker=MARKERS[style] if len(table) <= 60 else None, markersize=4,
        )  # fmt: skip
    tidy(axes, title="Lag: how far the committed offset is behind the end", x="seconds", y="offsets")
    for gap in gaps:
        axes.axvspan(gap - GAP / 2, gap + GAP / 2, color=GREY, alpha=0.15, linewidth=0)
        axes.text(
            gap, 0.5, "nobody looked", transform=axes.get_xaxis_transform(), rotation=90, ha="center", va="center",
            fontsize=8,
        )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return View(figure, table, _description(table))


def _joined(samplings: Sequence[Sequence[Sample]]) -> tuple[pd.DataFrame, list[float]]:
    """One after the other, and the seconds at which one of them ended and the next began."""
    rows: list[dict[str, int]] = []
    times: list[float] = []
    gaps: list[float] = []
    for samples in samplings:
        begin = 0.0
        if times:
            gaps.append(times[-1] + GAP / 2)
            begin = times[-1] + GAP
            rows.append({})
            times.append(gaps[-1])
        rows += [dict(lag) for _, lag in samples]
        times += [begin + at for at, _ in samples]
    table = pd.DataFrame(rows, index=pd.Index(times, name="seconds"))
    return table[sorted(table.columns)], gaps


def _description(table: pd.DataFrame) -> str:
    """Who was furthest behind at the end of each sampling: what lies between differs from run to run."""
    ends = table[table.isna().all(axis="columns").shift(-1, fill_value=True)]
    slowest = [str(row.idxmax()) if row.max() > 0 else "nobody" for _, row in ends.iterrows()]
    return f"Lag over time of {', '.join(table.columns)}. Furthest behind at the end: {', then '.join(slowest)}."
