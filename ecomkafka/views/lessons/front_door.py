"""The figures of lesson 16: who was answered in time, goodput against load, a storm of retries, a circuit breaker."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecomkafka.lessons.front_door.rush import GAVE_UP
from ecomkafka.views.view import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, View, new_figure, tidy

_ENDS = {202: ("answered in time", GREEN, "o"), GAVE_UP: ("gave up", VERMILLION, "X"), 503: ("refused", ORANGE, "^")}
_STATES = {"closed": "#C8EBDD", "open": "#F3C1A5", "half-open": "#F5C542"}
_CALLS = {"answered": (GREEN, "o"), "time-out": (VERMILLION, "X"), "refused at once": (BLUE, "^")}


def by_second(attempts: pd.DataFrame) -> pd.DataFrame:
    """Of each second of a rush (index): `attempts` that began in it, and `in time`: answered orders."""
    seconds = attempts["at"].astype(int)
    table = pd.DataFrame(
        {"attempts": seconds.value_counts(), "in time": seconds[attempts["status"] == 202].value_counts()}
    )
    return table.reindex(range(seconds.max() + 1)).fillna(0).astype(int)


def served(attempts: pd.DataFrame) -> int:
    """How many customers were answered in time, with their first attempt or a later one."""
    return int(attempts.loc[attempts["status"] == 202, "customer"].nunique())


def waits_plot(rushes: Mapping[str, pd.DataFrame], patience: float) -> View:
    """A panel per rush: each request at the moment when it came, as high as it waited."""
    figure = new_figure(height=3.4)
    for axes, (name, attempts) in zip(figure.subplots(1, len(rushes), sharey=True), rushes.items(), strict=True):
        for status, (label, colour, marker) in _ENDS.items():
            some = attempts[attempts["status"] == status]
            axes.plot(some["at"], some["took"], marker, color=colour, markersize=5, label=f"{label}: {len(some)}")
        axes.axhline(patience, color=GREY, linestyle=":", linewidth=1.2, label="patience")
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.08), fontsize=9)
        tidy(axes, title=name, x="second in which the request came", y="seconds waited")
    table = pd.DataFrame({name: by_second(attempts)["in time"] for name, attempts in rushes.items()})
    said = "; ".join(f"{name}: {'none' if not table[name].iloc[-1] else 'many'}" for name in rushes)
    return View(
        figure, table, f"Requests that come twice as fast as they are served. In time in the last second: {said}."
    )


def goodput_plot(table: pd.DataFrame, capacity: float) -> View:
    """Orders that are answered in time, per second, against those that come (index)."""
    figure = new_figure(height=3.4, width=7.5)
    axes = figure.subplots()
    for name, colour, marker in zip(table, (VERMILLION, BLUE, GREEN), "Xos", strict=False):
        axes.plot(table.index, table[name], color=colour, marker=marker, label=name)
    axes.axvline(capacity, color=GREY, linestyle=":", linewidth=1.2)
    axes.text(capacity, 1.06 * table.to_numpy().max(), " capacity", color=GREY, fontsize=9)
    axes.set(ylim=(0, 1.15 * table.to_numpy().max()))
    axes.legend()
    tidy(axes, x="load: orders per second that come", y="goodput: in time per second")
    last = table.iloc[-1]
    ends = f"best with {last.idxmax()}, and worst with {last.idxmin()}"
    text = f"Goodput against load, simulated. At the highest load it is {ends}."
    return View(figure, table, text)


def storm_plot(rushes: Mapping[str, pd.DataFrame], away: tuple[float, float]) -> View:
    """A panel per rush: attempts per second (bars), answers in time (line); grey: the clerk is `away`."""
    tables = {name: by_second(attempts) for name, attempts in rushes.items()}
    figure = new_figure(height=3.4)
    for axes, (name, table) in zip(
        figure.subplots(1, len(rushes), sharex=True, sharey=True), tables.items(), strict=True
    ):
        axes.axvspan(*away, color="#DDDDDD", label="the clerk is away")
        middle = table.index.to_numpy() + 0.5
        axes.bar(middle, table["attempts"], width=0.8, color=ORANGE, edgecolor=BLACK, hatch="//", label="attempts")
        axes.plot(middle, table["in time"], color=GREEN, marker="o", linewidth=2.5, label="answered in time")
        came = rushes[name]["customer"].nunique()
        tidy(axes, title=f"{name}\nin time: {served(rushes[name])} of {came}", x="second", y="per second")
    figure.axes[0].legend(fontsize=9)
    both = pd.concat(tables, axis=1)
    said = "; ".join(f"{name}: {'yes' if table['in time'].iloc[3:5].sum() else 'no'}" for name, table in tables.items())
    return View(figure, both, f"Attempts and answers in time around a pause. Answers in time after it: {said}.")


def circuit_plot(calls: pd.DataFrame, repaired: float) -> View:
    """Calls (`at`, `seconds`, `answered`) before the breaker's state `during` each and `after` it."""
    figure = new_figure(height=3.2)
    axes = figure.subplots()
    stripes = _stripes(calls)
    top = 1_500 * calls["seconds"].max()
    for start, end, state in stripes:
        short = state == "half-open"  # it needs a row of its own for its word, and lies over its neighbours
        colour, height, depth = _STATES[state], 0.81 if short else 0.92, 1.1 if short else 1.0
        axes.axvspan(start, end, facecolor=colour, edgecolor=colour, linewidth=2.5, zorder=depth)
        middle, arrow = (start + end) / 2, {"arrowstyle": "-|>"} if short else None
        foot, head = (middle, (height - 0.12) * top), (middle, height * top)
        axes.annotate(state, foot, head, arrowprops=arrow, fontsize=9, fontweight="bold", ha="center")
    ends = calls.apply(_end_of, axis=1)
    for label, (colour, marker) in _CALLS.items():
        some = calls[ends == label]
        axes.plot(some["at"], 1_000 * some["seconds"], marker, color=colour, markersize=8, label=label)
    axes.plot([repaired, repaired], [0, 0.62 * top], color=BLACK, linestyle=":", linewidth=1.5)
    axes.text(repaired, 0.56 * top, " repaired", fontsize=9)
    axes.set(ylim=(-0.03 * top, top))
    axes.legend(loc="center right")
    tidy(axes, x="seconds", y="ms per call")
    states = ", ".join(dict.fromkeys(state for *_, state in stripes))
    return View(
        figure, calls, f"Calls of a payment service that is dead and then repaired. States of the breaker: {states}."
    )


def _end_of(call: "pd.Series[Any]") -> str:
    if call["answered"]:
        return "answered"
    return "refused at once" if call["during"] == "open" else "time-out"


def _stripes(calls: pd.DataFrame) -> list[tuple[float, float, str]]:
    """From when to when the breaker was in which state; equal neighbours are one stripe."""
    ends = [*calls["at"].iloc[1:], calls["at"].iloc[-1] + 0.1]
    found: list[tuple[float, float, str]] = []
    columns = (calls[name].tolist() for name in ("at", "seconds", "during", "after"))
    for at, seconds, during, after, end in zip(*columns, ends, strict=True):
        for start, until, state in ((at, at + seconds, during), (at + seconds, end, after)):
            if found and found[-1][2] == state:
                start = found.pop()[0]
            found.append((start, until, state))
    return found
