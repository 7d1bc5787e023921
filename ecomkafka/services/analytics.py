"""The analytics service: counts every event in the window of its event time, late events apart, per partition."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.domain.windows.closing_and_lateness import ALLOWED_LATENESS, IDLE_AFTER, UNBOUNDED, Progress
from ecomkafka.domain.windows.window import EPOCH, Window
from ecomkafka.engine.state import State
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import HOPS
from ecomkafka.messages import Message, exactly


class AnalyticsService(Worker):
    """Counts events in windows (`domain/windows`): `Window` has figures, `Progress` closes it and counts the late."""

    hop = HOPS["analytics"]
    state_type = Window | Progress
    gather_ms = 100  # nobody waits for a window; one transaction for each event would keep the others waiting

    def __init__(
        self,
        cluster: Cluster | Sequence[str],
        instance: str = "0",
        *,
        clock: Clock = SYSTEM_CLOCK,
        allowed_lateness: timedelta = ALLOWED_LATENESS,
        idle_after: timedelta = IDLE_AFTER,
    ) -> None:
        super().__init__(cluster, instance, clock=clock)
        if not isinstance(allowed_lateness, timedelta) or not timedelta(0) <= allowed_lateness <= UNBOUNDED:
            raise ValueError(
                f"allowed_lateness is {allowed_lateness!s:.80}: from 0 to {UNBOUNDED.days:,} days are allowed"
            )
        if not isinstance(idle_after, timedelta) or idle_after <= timedelta(0):
            raise ValueError(f"idle_after is {idle_after!s:.80}: more than 0 seconds are needed, as a timedelta")
        self._allowed_lateness = allowed_lateness
        self._idle_after = idle_after
        self._since = EPOCH

    def running(self) -> None:
        # While nobody listened (a restart, a broker that was away) no input was idle: what it sent is still to come.
        self._since = self.clock.now()
        super().running()

    def handle(self, record: Record, state: State) -> Sequence[Message]:
        now, event = self.clock.now(), Window.of(record.message)
        key = f"progress/{record.partition}"
        progress = state.get(key) or Progress.begin(self.hop.reads, now)
        state.put(key, progress.observe(record.topic, record.message.at, event, now))
        if not progress.has_closed(event):
            key = f"{event.start.isoformat()}/{record.partition}"
            window = state.get(key)
            state.put(key, event if window is None else window + event)
        return ()

    def tick(self, now: datetime, state: State) -> Sequence[Message]:
        """Close the windows that are over. It happens between batches, so that no topic overtakes another within a
        batch.
        """
        found = next(((key, value) for key, value in state.items() if isinstance(value, Progress)), None)
        if found is None:
            return ()
        key, before = found
        after = before.advance(self.watermark(before, now), self._allowed_lateness)
        if after.closed_until > before.closed_until:
            if after.oldest is not None and after.oldest < after.closed_until:
                after = replace(after, oldest=_close(state, after))
            state.put(key, after)
        return ()

    def watermark(self, progress: Progress, now: datetime) -> datetime:
        """The watermark of a partition, by `now`."""
        return progress.watermark(now, self._idle_after, self._since)

    def keep(self, value: Any) -> bool:
        return not (isinstance(value, Window) and value.closed)


def _close(state: State, progress: Progress) -> datetime | None:
    """Mark as closed what `progress` has closed; returns the start of the oldest window that stays open."""
    windows = [(key, value) for key, value in state.items() if isinstance(value, Window) and not value.closed]
    for key, window in windows:
        if progress.has_closed(window):
            state.put(key, replace(window, closed=True))
    return min((window.start for _, window in windows if not progress.has_closed(window)), default=None)


@exactly()
def windows(cluster: Cluster) -> list[Window]:
    """Every window with its counts so far, by start: the sum of the partitions' partial windows."""
    sums: dict[datetime, Window] = {}
    for value in _table(cluster).values():
        if isinstance(value, Window):
            sums[value.start] = value + sums[value.start] if value.start in sums else value
    return [sums[start] for start in sorted(sums)]


def late(cluster: Cluster) -> dict[str, int]:
    """The number of late events, which are in no window, by topic; topics without one are left out."""
    counts: dict[str, int] = {}
    for value in _table(cluster).values():
        if isinstance(value, Progress):
            for topic, count in value.late.items():
                counts[topic] = counts.get(topic, 0) + count
    return dict(sorted(counts.items()))


def _table(cluster: Cluster) -> dict[bytes | None, Window | Progress]:
    """The last value of each key, read from the beginning: a checkpoint has no closed windows."""
    decoder = msgspec.json.Decoder[Window | Progress](Window | Progress)
    last = {record.key: record.value for record in read(cluster, "analytics.windows")}
    return {key: decoder.decode(value) for key, value in last.items() if value is not None}
