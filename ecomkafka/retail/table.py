"""What every form of file is turned into: a header, and rows of text with the number of their line."""

from collections.abc import Iterator
from dataclasses import dataclass

Rows = Iterator[tuple[int, list[str]]]
"""The number of each row's last line, from 1, and its fields as text."""


@dataclass
class Table:
    """One sheet, or a whole CSV file. `rows` can be gone through once."""

    where: str
    """The file, and the sheet or the packed member if there are several."""
    header: list[str]
    rows: Rows
    separator: str = ","


def header_of(rows: Rows) -> list[str]:
    """The first row that is not blank; empty if all are. It is taken off `rows`."""
    for _, row in rows:
        if any(header := [name.strip() for name in row]):
            return header
    return []
