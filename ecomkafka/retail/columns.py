"""The columns of a retailer's file: which header is which."""

import re
from collections.abc import Mapping, Sequence

COLUMNS = ("invoice", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id")
"""The columns that are used; others, such as `country`, may be there."""

_HEADERS = {
    "invoice": ("invoice", "invoiceno"),
    "stock_code": ("stockcode",),
    "description": ("description",),
    "quantity": ("quantity",),
    "invoice_date": ("invoicedate",),
    "unit_price": ("unitprice", "price"),
    "customer_id": ("customerid",),
}
"""Of the public copies of Online Retail and Online Retail II, without case, spaces and marks."""


def places(where: str, header: Sequence[str], columns: Mapping[str, str]) -> list[int]:
    """Where each of COLUMNS is; `columns` names the headers of those that are called otherwise. Raises ValueError."""
    if not any(header):
        raise ValueError(f"{where} is empty: a first line with the columns {', '.join(COLUMNS)} is needed")
    found = {column: _find(header, column, columns.get(column)) for column in COLUMNS}
    if missing := [column for column, where_ in found.items() if not where_]:
        raise ValueError(
            f"{where} has no column {', '.join(missing)}: its first line is {', '.join(header)!r:.300}: "
            "the header has to be the first line, of each sheet as well; "
            f"--columns {missing[0]}=HEADER names one that is called otherwise"
        )
    if twice := next((column for column, where_ in found.items() if len(where_) > 1), None):
        names = ", ".join(header[number] for number in found[twice])
        raise ValueError(
            f"{where} has the column {twice} more than once: {names:.300}: delete all but one, or name it by "
            f"--columns {twice}=HEADER"
        )
    return [indices[0] for indices in found.values()]


def _find(header: Sequence[str], column: str, given: str | None) -> list[int]:
    if given is not None:
        return [number for number, name in enumerate(header) if name == given.strip()]
    return [number for number, name in enumerate(header) if _plain(name) in _HEADERS[column]]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lstrip("\ufeff").lower())


def check_columns(columns: Mapping[str, str]) -> None:
    """Raise ValueError for a name that is none of COLUMNS."""
    if unknown := sorted(columns.keys() - set(COLUMNS)):
        raise ValueError(f"--columns {unknown[0]!r:.80}: {', '.join(COLUMNS)} can be named, each as NAME=HEADER")
