"""Words in a figure are shown as they are written: no formulas, and letters of every script that has a font here."""

import unicodedata
from functools import lru_cache

from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, findfont, fontManager, get_font
from matplotlib.text import Text

OWN = "DejaVu Sans"
"""Comes with matplotlib."""


def as_written(figure: Figure) -> None:
    """A "$" begins no formula; what matplotlib's own font lacks is drawn in another installed font.

    A letter that no font here has is written as its number in Unicode, such as U+682A: a box would say nothing.
    """
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        if strange := sorted({letter for letter in text.get_text() if not _has(findfont(OWN), letter)} - {"\n"}):
            families = {letter: _family_with(letter) for letter in strange}
            text.set_fontfamily([OWN, *dict.fromkeys(family for family in families.values() if family)])
            missing = {ord(letter): _number(letter) for letter, family in families.items() if family is None}
            text.set_text(text.get_text().translate(missing))


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
    return "" if unicodedata.category(letter)[0] in "MC" else f"U+{ord(letter):04X}"


def _upright() -> list[FontEntry]:
    """The plain fonts: those that matplotlib takes for their family's name."""
    plain = [entry for entry in fontManager.ttflist if entry.style == "normal" and entry.weight in (400, "normal")]
    return [entry for entry in plain if not entry.name.startswith("Last Resort")]  # has a box for every letter
