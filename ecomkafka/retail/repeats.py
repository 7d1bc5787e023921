"""Invoices that a file has twice: Online Retail II's two sheets overlap by nine days, and its CSVs are both joined."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import itemgetter

from ecomkafka.retail.meaning import Key

Row = tuple[str, Key, str, str, str, int]
"""Invoice, key, description, time, customer, and the number of the row's line in the file."""

_content = itemgetter(1, 3, 4)
"""Key, time and customer: what makes a line of an order."""


class Repeats:
    """Finds rows that are copies. A product that one invoice has in two lines is none."""

    def __init__(self) -> None:
        self._before: dict[str, list[Row]] = {}
        """By invoice, its rows on earlier sheets."""

    def without(self, where: str, rows: list[Row]) -> list[Row]:
        """The rows of a table but for copies. Raises ValueError for an invoice that is half a copy."""
        places = defaultdict[str, list[int]](list)
        for place, row in enumerate(rows):
            places[row[0]].append(place)
        sizes = _sizes(rows, places)
        copies: set[int] = set()
        for invoice, ours in places.items():
            once = ours[: sizes.get(invoice)]
            found = [rows[place] for place in once]
            if self._is_copy(where, invoice, found):
                copies.update(ours)
            else:
                copies.update(ours[len(once) :])
                self._before.setdefault(invoice, []).extend(found)
        return [row for place, row in enumerate(rows) if place not in copies] if copies else rows

    def _is_copy(self, where: str, invoice: str, rows: Sequence[Row]) -> bool:
        """Whether earlier sheets have the same rows, in whatever order."""
        if not (before := self._before.get(invoice)):
            return False
        ours, theirs = sorted(map(_content, rows)), sorted(map(_content, before))
        if ours != theirs and set(ours) & set(theirs):
            raise ValueError(
                f"{where}, line {rows[0][-1]}, invoice {invoice!r:.80}: an earlier sheet has some of its rows, and not "
                "all: which of them count can't be told: leave out one of the two"
            )
        return ours == theirs


def _sizes(rows: Sequence[Row], places: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Of the invoices that begin anew further down, the number of rows before that.

    None where most invoices lie apart and do not: such a table is sorted otherwise, and a product that is all of an
    invoice, in two lines, would look like a copy.
    """
    apart = {invoice: _size(rows, ours) for invoice, ours in places.items() if ours[-1] - ours[0] >= len(ours)}
    anew = {invoice: size for invoice, size in apart.items() if size is not None}
    return anew if 2 * len(anew) > len(apart) else {}


def _size(rows: Sequence[Row], places: Sequence[int]) -> int | None:
    count = len(places)
    gaps = {number for number, (one, other) in enumerate(pairwise(places), 1) if other > one + 1}
    contents = [_content(rows[place]) for place in places]
    for size in sorted(gaps):
        if count % size == 0 and gaps.issuperset(range(size, count, size)) and contents[size:] == contents[:-size]:
            return size
    return None
