"""How a retailer's file writes its numbers, and what has become of the ids that were taken for numbers."""

import re
from collections.abc import Iterable


class NumberCell(str):
    """A true number of a workbook, its mark a point: the texts beside it, which may have another, are other keys."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberCell) and str.__eq__(self, other)


_WHOLE = r"-?[0-9]{1,12}"
_NUMBERS = {
    ".": re.compile(rf"(?:{_WHOLE}|-?[1-9][0-9]{{0,2}}(?:,[0-9]{{3}}){{1,3}})(?:\.[0-9]{{1,12}})?"),
    ",": re.compile(rf"(?:{_WHOLE}|-?[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}}){{1,3}})(?:,[0-9]{{1,12}})?"),
    None: re.compile(_WHOLE),
}
"""By decimal mark; the other mark groups thousands, which never begin with a 0. None: nothing tells the mark."""

_OTHER = {".": ",", ",": "."}
_EITHER = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
"""1,234 is a thousand, or one and a bit."""


def decimal_mark(texts: Iterable[str], separator: str, others: Iterable[str] = ()) -> str | None:
    """The one in which every number of the file can be read; of two, the one in which the skipped rows' `others` can
    be read as well. None if that is still both: a number that needs the mark is then refused with its line.

    Where neither fits all, the one that goes with the separator: the number that does not is then named.
    """
    fits = _marks(texts)
    if len(fits) > 1:
        fits = _marks(others) or fits
    if len(fits) > 1:
        return None
    return fits[0] if fits else "," if separator == ";" else "."


def _marks(texts: Iterable[str]) -> list[str]:
    marks = [mark for mark in _NUMBERS if mark]
    guessed = [text for text in texts if not isinstance(text, NumberCell)]
    numbers = [text for text in guessed if any(_NUMBERS[mark].fullmatch(text) for mark in marks)]
    return [mark for mark in marks if all(map(_NUMBERS[mark].fullmatch, numbers))]


def number(text: str, mark: str | None) -> str | None:
    """The number as Python writes it, without thousands; None if it is none.

    Raises ValueError where it needs a mark that nothing tells.
    """
    if isinstance(text, NumberCell):
        mark = "."
    if not _NUMBERS[mark].fullmatch(text):
        if mark is None and _EITHER.fullmatch(text):
            raise ValueError(_either(text))
        return None
    return text.replace(_OTHER[mark or "."], "").replace(",", ".")


def _either(text: str) -> str:
    mark = text[-4]
    thousands = text.replace(mark, "") + _OTHER[mark] + "00"
    return (
        f"its {mark!r} may group thousands, or be the decimal mark, and no number of the file tells which: "
        f"write this one as {thousands!r} or as '{text}0', and it tells for all"
    )


_WITH_ZEROS = re.compile(r"(?![0-9]{1,3}[.,]000\Z)([0-9]+)[.,]0+")
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+")


def whole(text: str) -> str:
    """An id that pandas or a spreadsheet took for a number: 17850.0 is 17850. Raises ValueError for 1.785E+04.

    17.000 stays as it is: a point in a code may be the shop's own.
    """
    if _ROUNDED.fullmatch(text):
        raise ValueError("a spreadsheet's form of a number, where an id is needed: format the column as text there")
    return found[1] if (found := _WITH_ZEROS.fullmatch(text)) else str(text)
