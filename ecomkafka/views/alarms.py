"""The figure of the alarms: which fault makes which invariant fail."""

from collections.abc import Mapping

import pandas as pd

from ecomkafka.invariants.facts import Violation
from ecomkafka.views.view import BLACK, VERMILLION, View, new_figure


def alarms_plot(found: Mapping[str, Mapping[str, list[Violation]]]) -> View:
    """A row for each case, a column for each invariant, from the cases' `check` results by their name."""
    cases, names = list(found), list(dict.fromkeys(name for verdict in found.values() for name in verdict))
    rings = [[bool(verdict.get(name)) for name in names] for verdict in found.values()]
    table = pd.DataFrame(rings, index=cases, columns=names)
    figure = new_figure(2.4 + 0.34 * len(table))
    axes = figure.subplots()
    for row, ringing in enumerate(rings):
        for column, rung in enumerate(ringing):
            if rung:
                axes.plot(column, row, marker="X", markersize=13, color=VERMILLION, markeredgecolor=BLACK)
            else:
                axes.plot(column, row, marker=".", markersize=5, color="#999999")
    axes.set_xticks(range(table.shape[1]), [_words(name) for name in names], rotation=35, ha="left")
    axes.set_yticks(range(len(table)), cases)
    axes.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
    axes.set_xlim(-0.5, table.shape[1] - 0.5)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlabel("cross: the invariant is broken; dot: it holds")
    axes.spines[:].set_visible(False)
    return View(figure, table, _description(found))


def _description(found: Mapping[str, Mapping[str, list[Violation]]]) -> str:
    rung = {case: [_words(name) for name, broken in verdict.items() if broken] for case, verdict in found.items()}
    text = (f"{case}: {', '.join(names) or 'none'}" for case, names in rung.items())
    return f"Invariants that are broken. {'; '.join(text)}."


def _words(name: str) -> str:
    return name.replace("_", " ")
