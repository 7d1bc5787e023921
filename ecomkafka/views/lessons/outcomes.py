"""A table of words as a figure: a field per case, with the colour and the hatching of its word."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.patches import Rectangle

from ecomkafka.views.view import GREY, View, new_figure

GOOD, BAD, ODD, PLAIN = ("#C8EBDD", ""), ("#F3C1A5", "//"), ("#FCE3B0", "xx"), ("white", "")
"""Looks of a word: the colour of its field, and how it is hatched."""


def outcome_plot(table: pd.DataFrame, looks: Mapping[str, tuple[str, str]], text: str) -> View:
    """A field per row and column of `table`; `looks` says how each word looks, `text` what is to be seen."""
    figure = new_figure(0.9 + 0.55 * len(table))
    axes = figure.subplots()
    for row, words in enumerate(table.to_numpy()):
        for column, word in enumerate(words):
            face, hatch = looks[word]
            corner = (column - 0.47, row - 0.42)
            axes.add_patch(Rectangle(corner, 0.94, 0.84, facecolor=face, hatch=hatch, edgecolor=GREY, linewidth=0.6))
            plate = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
            axes.text(column, row, word, ha="center", va="center", fontsize=9, bbox=plate)
    axes.set(xlim=(-0.5, len(table.columns) - 0.5), ylim=(len(table) - 0.5, -0.5))
    axes.set_xticks(range(len(table.columns)), table.columns)
    axes.set_yticks(range(len(table)), table.index)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return View(figure, table, text)
