"""How far groups are behind, over time."""

import time
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from ecomkafka.lab.views.view import DASHES, MARKERS, PALETTE, View, new_figure, tidy
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.groups import lags

Sample = tuple[float, Mapping[str, int]]
"""Seconds, and the lag in offsets by group or by topic-partition."""

LONGEST = 60.0


def sample_lags(
    cluster: Cluster, until: Callable[[], object], every: float = 0.1, timeout: float = LONGEST
) -> list[Sample]:
    """Each group's lag, in offsets over all partitions it reads, about every `every` seconds until `until()` is true.

    Seconds count from the call; the last sample is taken after that. Raises TimeoutError if it never is within
    `timeout` seconds.
    """
    start = time.monotonic()
    samples = [_sample(cluster, start)]
    while not until():
        if time.monotonic() - start > timeout:
            raise TimeoutError(f"lag was sampled for {timeout:g} s, and what it was to last for did not come")
        time.sleep(every)
        samples.append(_sample(cluster, start))
    return [*samples, _sample(cluster, start)]


def _sample(cluster: Cluster, start: float) -> Sample:
    total: dict[str, int] = {}
    for lag in lags(cluster):
        total[lag.group] = total.get(lag.group, 0) + lag.lag
    return time.monotonic() - start, total


def lag_plot(samples: Sequence[Sample]) -> View:
    """A line for each group, or for each topic-partition, over the seconds.

    `table`: one row a sample, indexed by seconds, one column a line.
    """
    table = pd.DataFrame([dict(lag) for _, lag in samples], index=pd.Index([at for at, _ in samples], name="seconds"))
    table = table[sorted(table.columns)]
    figure = new_figure(3.6)
    axes = figure.subplots()
    for number, name in enumerate(table.columns):
        style = number % len(PALETTE)
        axes.plot(
            table.index, table[name], label=name, color=PALETTE[style], linestyle=DASHES[style],
            marker=MARKERS[style] if len(table) <= 60 else None, markersize=4,
        )  # fmt: skip
    tidy(axes, title="Lag: how far the committed offset is behind the end", x="seconds", y="offsets")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
    return View(figure, table, f"Lag over time of {', '.join(table.columns)}.")
