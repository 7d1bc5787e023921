"""A `View`: a picture, the numbers behind it, and a sentence for those who cannot see it."""

import io
from dataclasses import dataclass
from typing import Any

import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecomkafka.clients import Cluster
from ecomkafka.shop import Shop
from ecomkafka.views.captions import caption
from ecomkafka.views.fonts import as_written

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#6B6B6B"

PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, YELLOW, BLACK)
"""Colours that the colour-blind can tell apart (M. Okabe, K. Ito: Color Universal Design, 2008). No figure relies on
colour alone: HATCHES go with bars, MARKERS and DASHES with lines, in the same order."""

HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo", "--")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 3)), (0, (8, 3)))

WIDTH = 10.0
"""Inches: as wide as a notebook's output, so that it is not scaled down."""

DPI = 110


@dataclass(frozen=True, eq=False)
class View:
    """Shown in a notebook as its picture over `alt`, which says in words what is to be seen; `table` holds the numbers.

    The words stand below the picture because JupyterLab gives a picture no alternative text. Nothing in them differs
    from run to run (offsets, times), so that a notebook's check can compare them.
    """

    figure: Figure
    table: pd.DataFrame
    alt: str

    def png(self) -> bytes:
        as_written(self.figure)
        picture = io.BytesIO()
        self.figure.savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
        return picture.getvalue()

    def __repr__(self) -> str:
        return self.alt

    def _ipython_display_(self) -> None:
        picture: dict[str, Any] = {"image/png": self.png(), "text/plain": self.alt}
        display(picture, metadata={"image/png": {"alt": self.alt}}, raw=True)  # type: ignore[no-untyped-call]
        display({"text/markdown": caption(self.alt), "text/plain": self.alt}, raw=True)  # type: ignore[no-untyped-call]


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure of so many inches. Not pyplot's: any thread may draw it, and nothing has to be closed."""
    return Figure(figsize=(width, height), layout="constrained")


def tidy(axes: Axes, *, title: str = "", x: str = "", y: str = "") -> None:
    """The look that all figures share: labels with their units, a light grid, no box."""
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def cluster_of(shop_or_cluster: Shop | Cluster) -> Cluster:
    """A view takes the one or the other."""
    return shop_or_cluster.cluster if isinstance(shop_or_cluster, Shop) else shop_or_cluster
