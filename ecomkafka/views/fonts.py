"""The fonts of figures: text is shown as it is written, in every script for which a font is installed."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from matplotlib.category import StrCategoryFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, findfont, fontManager, get_font
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, Formatter, FuncFormatter

OWN = "DejaVu Sans"
"""Comes with matplotlib."""


def as_written(figure: Figure) -> None:
    """A "$" begins no formula; what matplotlib's own font lacks is drawn in another installed font.

    A letter that no font here has is written as its number in Unicode, such as U+682A: a box would say nothing.
    """
    for text in (*figure.findobj(Text), *_tick_labels(figure)):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        if strange := _strange(text.get_text()):
            text.set_fontfamily([OWN, *dict.fromkeys(family for letter in strange if (family := _family_with(letter)))])
            text.set_text(readable(text.get_text()))


def readable(label: Any) -> str:
    """`label`, with the number of each letter that no font here has."""
    words = str(label)
    return words.translate({ord(letter): _number(letter) for letter in _strange(words) if not _family_with(letter)})


def _tick_labels(figure: Figure) -> Iterator[Text]:
    """Those that are words. They are written anew whenever the figure is drawn, so that is what has to change."""
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        formatter = axis.get_major_formatter()
        if isinstance(formatter, FixedFormatter | FuncFormatter | StrCategoryFormatter):
            axis.set_major_formatter(_Readable(formatter))
            yield from axis.get_ticklabels()


class _Readable(Formatter):
    """The labels of another formatter, readable."""

    def __init__(self, formatter: Formatter) -> None:
        self._formatter = formatter

    def __call__(self, x: float, pos: int | None = None) -> str:
        return readable(self._formatter(x, pos))

    def format_ticks(self, values: Iterable[Any]) -> list[str]:
        return [readable(label) for label in self._formatter.format_ticks(list(values))]


def _strange(words: str) -> list[str]:
    """The letters that matplotlib's own font lacks, each once."""
    return sorted({letter for letter in words if letter != "\n" and not _has(findfont(OWN), letter)})


@lru_cache(maxsize=10_000)
def _has(file: str, letter: str) -> bool:
    return bool(get_font(file).get_char_index(ord(letter)))


@lru_cache(maxsize=10_000)
def _family_with(letter: str) -> str | None:
    """An installed font that has the letter; None if there is none."""
    for entry in _upright():
        try:
            if _has(entry.fname, letter):
                return entry.name
        except (OSError, RuntimeError):  # a font that matplotlib can't read
            continue
    return None


def _number(letter: str) -> str:
    """Marks and formats have no shape of their own: without a font for them there is nothing to see."""
    return "" if unicodedata.category(letter) in ("Mn", "Me", "Cf") else f"U+{ord(letter):04X}"


def _upright() -> list[FontEntry]:
    """The plain fonts: those that matplotlib takes for their family's name."""
    plain = [entry for entry in fontManager.ttflist if entry.style == "normal" and entry.weight in (400, "normal")]
    return [entry for entry in plain if not entry.name.startswith("Last Resort")]  # has a box for every letter
