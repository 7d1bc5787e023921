"""The windows panel: what was sold by event time, the stock, and event time beside the wall clock."""

import time
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal

from ipywidgets import HTML  # type: ignore[import-untyped]

from ecomkafka.domain.windows.closing_and_lateness import Progress
from ecomkafka.domain.windows.window import EPOCH, Window
from ecomkafka.messages import Level
from ecomkafka.shop import Shop
from ecomkafka.shop.report import frame
from ecomkafka.widgets.data.windows_follower import WindowsFollower, late, time_between
from ecomkafka.widgets.drawing.markup import picture, table
from ecomkafka.widgets.drawing.windows_figure import windows_figure
from ecomkafka.widgets.panel_frame import Panel

SHOWN = 12

_PATIENCE = 3
"""The picture is drawn again after so many times as long as it took: the shop needs the processor too."""

_COLUMNS = ("window (UTC)", "state", "created", "confirmed", "cancelled", "pending", "revenue", "conversion")
_SHELF = ("product", "on hand", "reserved", "available")


class WindowsPanel(Panel):
    """Orders, revenue and conversion of the last windows that the analytics service has counted, as it counts them."""

    title = "Windows"

    def __init__(self, shop: Shop) -> None:
        self.times, self.picture, self.windows, self.stock = HTML(), HTML(), HTML(), HTML()
        self._follower = WindowsFollower(shop.cluster)
        self._drawn: tuple[int, dict[str, Level]] | None = None
        self._not_before = 0.0
        super().__init__(shop, self.times, self.picture, self.windows, self.stock)
        self._follower.start()
        self.start()

    @property
    def up_to_date(self) -> bool:
        """Whether the picture shows all that is known; the tables are ahead of it."""
        return self._drawn == (self._follower.version, self.feed.levels())

    def refresh(self) -> None:
        progress, rate = self._follower.progress(), self.feed.rates()["orders.events"]
        self.times.value = table("Time", ("", "", ""), _times(progress, self.shop.clock.now(), rate))
        if not self.up_to_date:
            self._fill()
            if time.monotonic() > self._not_before:
                self._not_before = float("inf")
                if not self.act(self._draw):
                    self._not_before = 0.0
        if self._follower.trouble is not None:
            raise self._follower.trouble

    def _fill(self) -> None:
        windows = self._follower.windows()[-SHOWN:]
        self.windows.value = table("The last windows", _COLUMNS, map(_row, reversed(windows)))
        levels = sorted(self.feed.levels().values(), key=lambda level: level.product_id)
        self.stock.value = table("Stock", _SHELF, map(_level, levels))

    def close(self) -> None:
        with ExitStack() as closing:
            closing.callback(self._follower.stop)
            closing.callback(super().close)

    def _draw(self) -> None:
        """In the panel's own thread: the other panels do not wait for it."""
        started, drawn = time.monotonic(), (self._follower.version, self.feed.levels())
        try:
            view = windows_figure(frame(self._follower.windows()[-SHOWN:]), drawn[1])
            self.picture.value = picture(view)
            self._drawn = drawn
        finally:
            self._not_before = time.monotonic() + _PATIENCE * (time.monotonic() - started)


def _times(progress: list[Progress], now: datetime, rate: float) -> list[tuple[str, str, str]]:
    """Event time beside the wall clock: a row a time, with what it means."""
    told = [("Wall clock", _utc(now), "now"), ("Live", f"{rate:.0f} a second", "records of orders.events, right now")]
    if not progress:
        return [*told, ("Event time", "–", "no event has been counted yet")]
    newest = max(mark.at for one in progress for mark in one.marks.values())
    watermark = min(one.watermark(now) for one in progress)
    closed = min(one.closed_until for one in progress)
    counts = late(progress)
    topics = ", ".join(f"{topic} {count:,}" for topic, count in counts.items())
    return [
        *told,
        ("Newest event", _utc(newest), f"event time, {time_between(newest, now)} behind the wall clock"),
        ("Watermark", _utc(watermark), _meaning(watermark, now)),
        (
            "Closed until",
            _utc(closed),
            "what happened before and comes now is late: it is counted here and nowhere else",
        ),
        ("Late events", f"{sum(counts.values()):,}", topics or "none came too late"),
    ]


def _meaning(watermark: datetime, now: datetime) -> str:
    if watermark == EPOCH:
        return "an input has not spoken yet: it holds the windows open for a while"
    return f"no older event is expected, {time_between(watermark, now)} behind the wall clock"


def _utc(at: datetime) -> str:
    return "–" if at == EPOCH else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _row(window: Window) -> tuple[object, ...]:
    pending = window.created - window.confirmed - window.cancelled
    money: Decimal = window.revenue_confirmed
    rate = window.conversion
    return (
        f"{window.start:%Y-%m-%d %H:%M}–{window.end:%H:%M}", "closed" if window.closed else "open",
        window.created, window.confirmed, window.cancelled, pending, f"{money:,.2f}",
        "–" if rate is None else f"{rate:.0%}",
    )  # fmt: skip


def _level(level: Level) -> tuple[object, ...]:
    return level.product_id, level.on_hand, level.reserved, level.available
