"""The reports for managers: windows and stock as DataFrames, the WINDOW REPORT as text."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import reduce
from itertools import accumulate
from operator import add
from typing import Any

from ecomkafka.catalogue import Catalogue
from ecomkafka.dataframes import DataFrame, dataframe
from ecomkafka.domain.stock import Entry, Product, product_key
from ecomkafka.domain.windows.window import Window
from ecomkafka.messages import exactly

SHOWN = 12
"""The number of newest windows that the text lists one by one; the total includes all."""

NOT_YET = "–"


@exactly()
def frame(windows: Sequence[Window]) -> DataFrame:
    """One row a window, indexed by its start (UTC). `windows` are sorted by start.

    Orders: created, confirmed, cancelled. Money, exact (Decimal objects; `astype(float)` for a plot): revenue
    (confirmed), pending, lost. Rates, 0 to 1, NaN where there is nothing to divide by: conversion, success rate. Units
    in all warehouses heard of up to this window: on hand, reserved, available. Notifications: sent, failed.
    """
    rows = [_row(window, so_far) for window, so_far in zip(windows, accumulate(windows, add), strict=True)]
    return dataframe(rows, COLUMNS).astype(COLUMNS).set_index("start")


COLUMNS: Mapping[str, Any] = {
    "start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]", "closed": bool,
    "created": int, "confirmed": int, "cancelled": int,
    "revenue": object, "pending": object, "lost": object, "conversion": float,
    "on hand": int, "reserved": int, "available": int,
    "sent": int, "failed": int, "success rate": float,
    "events": int, "events an hour": float,
}  # fmt: skip


def _row(window: Window, so_far: Window) -> tuple[Any, ...]:
    return (
        window.start, window.end, window.closed,
        window.created, window.confirmed, window.cancelled,
        window.revenue_confirmed, window.revenue_pending, window.revenue_lost, window.conversion,
        so_far.on_hand, so_far.reserved, so_far.available,
        window.sent, window.failed, window.success_rate,
        window.events, window.events_per_hour,
    )  # fmt: skip


def stock_frame(entries: Mapping[str, Entry], catalogue: Catalogue) -> DataFrame:
    """One row a product: warehouse, on hand, reserved, available, in units."""
    rows = [
        (product_id, product.warehouse_id, level.on_hand, level.reserved, level.available)
        for product_id, product in sorted(catalogue.items())
        if isinstance(level := entries.get(product_key(product_id), Product()), Product)
    ]
    columns = ["product", "warehouse", "on hand", "reserved", "available"]
    return dataframe(rows, columns).set_index("product")


@exactly()
def window_report(windows: Sequence[Window], late: Mapping[str, int] | None = None) -> str:
    """The newest windows one by one, then the total of all; times in UTC, money rounded to cents, stock as in `frame`.

    `windows` are sorted by start; `late`, by topic, is told if it is given.
    """
    lines = ["📊 WINDOW REPORT"]
    if not windows:
        return "\n".join([*lines, "no window yet: no event has been counted"])
    if hidden := max(0, len(windows) - SHOWN):
        lines.append(f"… {hidden:,} earlier windows: see the total")
    told = list(zip(windows, accumulate(windows, add), strict=True))
    for window, so_far in told[hidden:]:
        state = "closed" if window.closed else "open"
        lines += ["", f"{window.start:%Y-%m-%d %H:%M}–{window.end:%H:%M} UTC, {state}", *_figures(window, so_far)]
    total = reduce(add, windows)
    count = f"{len(windows):,} window" + ("s" if len(windows) != 1 else "")
    lines += ["", f"TOTAL of {count}, {total.start:%Y-%m-%d %H:%M} to {total.end:%Y-%m-%d %H:%M} UTC"]
    lines += _figures(total, total)
    if late is not None:
        topics = ", ".join(f"{topic} {count:,}" for topic, count in sorted(late.items())) or "none"
        lines.append(f"  ⏰ too late       {topics}")
    return "\n".join(lines)


def _figures(w: Window, stock: Window) -> list[str]:
    return [
        f"  🛒 orders         created {w.created:,}, confirmed {w.confirmed:,}, cancelled {w.cancelled:,}",
        f"  💰 revenue        confirmed {_money(w.revenue_confirmed)}, pending {_money(w.revenue_pending)}, "
        f"lost {_money(w.revenue_lost)}",
        f"  📈 conversion     {_rate(w.conversion)}",
        f"  📦 stock          on hand {stock.on_hand:,}, reserved {stock.reserved:,}, available {stock.available:,}",
        f"  📬 notifications  sent {w.sent:,}, failed {w.failed:,}, success rate {_rate(w.success_rate)}",
        f"  ⚡ events         {w.events:,}, an hour {w.events_per_hour:,.1f}",
    ]


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _rate(rate: float | None) -> str:
    return NOT_YET if rate is None else f"{rate:.1%}"
