"""The watermark: how far event time has come, which windows are closed, which events are late.

Terms as in Akidau et al., "The Dataflow Model" (VLDB 2015), and Apache Flink. An input's mark is the highest event
time seen on it; the partition's watermark is the lowest mark of its inputs, so a fast topic does not close the windows
of a slow one. An input that is idle, or has not spoken yet, holds the watermark back only for a while. If all are idle,
it is the highest mark (as in Flink's StatusWatermarkValve) and goes on with the clock: the last window closes too.

A wrong clock elsewhere must not close our windows. So the watermark never runs ahead of our own clock, and an event
more than a day ahead of it is refused. Jumps within the past are allowed: a replay's events may lie days apart, and
today may follow 2010. What goes back, 2010 after today, is late unless the allowed lateness says otherwise.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ecomkafka.domain.windows.window import EPOCH, Window, start_of
from ecomkafka.messages import Value, field, replace

ALLOWED_LATENESS = timedelta(minutes=1)
"""Twice a saga's deadline: in a live shop the end of no order is late."""

UNBOUNDED = timedelta(days=365_000)
"""An allowed lateness with which no window ever closes: for a replay of a bounded file, which is to count all of it."""

IDLE_AFTER = timedelta(seconds=15)
"""Longer than a poll waits for one input while another one has much to catch up with."""

MAX_AHEAD = timedelta(days=1)


class Mark(Value, frozen=True, array_like=True):
    """One input: the highest event time seen on it, and when, by our clock, it was last heard of."""

    at: datetime
    heard: datetime


class Progress(Value, frozen=True, tag=True, omit_defaults=True):
    """One partition of all inputs: every window that ends at or before `closed_until` is closed.

    `oldest` is the start of the oldest open window; `late` counts the events of each input that came for a closed one.
    """

    marks: dict[str, Mark]
    closed_until: datetime = EPOCH
    oldest: datetime | None = None
    late: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, inputs: Iterable[str], now: datetime) -> "Progress":
        """Nothing was heard of any input yet: each gets its time to speak before it counts as idle."""
        return cls(marks={name: Mark(at=EPOCH, heard=now) for name in inputs})

    def observe(self, name: str, at: datetime, window: Window, now: datetime) -> "Progress":
        """An event of `at`, in `window`, was read from input `name`. Raises ValueError for an `at` that can't be."""
        if not EPOCH <= at <= now + MAX_AHEAD:
            raise ValueError(
                f"at is {at.isoformat()}: from 1970 to a day ahead of this clock (now {now.isoformat()}) is allowed: "
                "set the sender's clock right and send it again"
            )
        mark = Mark(at=max(self.marks[name].at, min(at, now)), heard=now)
        oldest, late = self.oldest, self.late
        if self.has_closed(window):
            late = late | {name: late.get(name, 0) + 1}
        elif oldest is None or window.start < oldest:
            oldest = window.start
        return Progress(marks=self.marks | {name: mark}, closed_until=self.closed_until, oldest=oldest, late=late)

    def has_closed(self, window: Window) -> bool:
        """Whether an event of `window` is late: it is counted as such and left out."""
        return window.end <= self.closed_until

    def watermark(self, now: datetime, idle_after: timedelta = IDLE_AFTER, since: datetime = EPOCH) -> datetime:
        """No event older than this is expected. `since`: when we began to listen; silence before that says nothing."""
        holding = [mark.at for mark in self.marks.values() if now - max(mark.heard, since) < idle_after]
        if holding:
            return min(holding)
        silent_since = max(since, *(mark.heard for mark in self.marks.values()))
        return max(mark.at for mark in self.marks.values()) + (now - silent_since - idle_after)

    def advance(self, watermark: datetime, allowed_lateness: timedelta = ALLOWED_LATENESS) -> "Progress":
        """Close every window whose end, and the allowed lateness after it, is over. What is closed stays closed."""
        return replace(self, closed_until=max(self.closed_until, start_of(watermark - allowed_lateness)))
