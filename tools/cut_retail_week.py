"""Write ecomkafka/data/online_retail_week.csv.xz anew: `cut_retail_week.py FILE`, the whole data set (.csv.xz).

The week is 2011-08-08 to 2011-08-14: the only one that has adjustments besides all else that makes the file dirty (see
`data/README.md`).
"""

import csv
import lzma
import sys
from pathlib import Path

from ecomkafka.retail.invoices import WEEK

FIRST, AFTER = "2011-08-08", "2011-08-15"
"""London's dates; they sort as text."""


def cut(whole: Path) -> str:
    """The header and the week's lines, as they are in `whole`. Raises ValueError if it has no such column or week."""
    with lzma.open(whole, "rt", encoding="utf-8", newline="") as stream:
        header, *lines = stream.read().splitlines(keepends=True)
    names = next(csv.reader([header]))
    if "invoice_date" not in names:
        raise ValueError(f"{whole} has no column 'invoice_date': its first line is {header!r:.200}")
    column = names.index("invoice_date")
    week = [line for line, row in zip(lines, csv.reader(lines), strict=True) if FIRST <= row[column] < AFTER]
    if not week:
        raise ValueError(f"{whole} has no line from {FIRST} up to, not including, {AFTER}")
    return header + "".join(week)


def main() -> None:
    text = cut(Path(sys.argv[1]))
    WEEK.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
