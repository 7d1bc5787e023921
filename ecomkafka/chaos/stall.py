"""Stall detection: notices during a chaos run that no order is completed any more."""

import math
from collections.abc import Callable

from ecomkafka.chaos.periodic import PeriodicTask
from ecomkafka.chaos.result import RECOVERY_SECONDS
from ecomkafka.chaos.timeline import Timeline, covered

MAX_REPORTS = 5
"""The most reports of one run."""


class StallWatch(PeriodicTask):
    """Calls `report` with the cause, once per stall, when an order has waited for longer than a recovery may take.

    It is a stall, too, if no order was accepted for that time. Time in which a fault stops orders does not count.
    """

    def __init__(self, timeline: Timeline, now: Callable[[], float], report: Callable[[str], None]) -> None:
        super().__init__("standstill", self.look)
        self.ordering = True
        """Whether customers place orders; if not, only orders that wait are looked at."""
        self._timeline, self._now, self._report = timeline, now, report
        self._waiting: dict[str, float] = {}
        self._ended: set[str] = set()
        self._taken_at = 0.0
        self._read_accepted = self._read_seen = 0
        self._reports = 0
        self._flows = True

    def look(self) -> None:
        """Read the new events, and report a stall."""
        self._follow()
        if not self._flows or self._reports == MAX_REPORTS or self._timeline.stopped:
            return
        oldest = next(iter(self._waiting.items()), ("", math.inf))
        if self._stood(oldest[1]) >= RECOVERY_SECONDS:
            self._stalled(f"{oldest[0]}, taken after {oldest[1]:.1f} s, had no end after {self._now():.1f} s")
        elif self.ordering and self._stood(self._taken_at) >= RECOVERY_SECONDS:
            self._stalled(f"no order was taken from {self._taken_at:.1f} to {self._now():.1f} s")

    def _stalled(self, why: str) -> None:
        self._reports += 1
        self._flows = False
        self._waiting.clear()
        self._report(why)

    def _stood(self, since: float) -> float:
        now = self._now()
        return now - since - covered(self._timeline.stops, since, now) if since < now else 0.0

    def _follow(self) -> None:
        """After a reported stall only later orders count, and only when some order has ended."""
        seen = self._timeline.seen[self._read_seen :]
        self._read_seen += len(seen)
        ended = [event.order_id for event in seen if event.kind in ("confirmed", "cancelled")]
        self._ended.update(ended)
        self._flows = self._flows or bool(ended)
        accepted = self._timeline.accepted[self._read_accepted :]
        self._read_accepted += len(accepted)
        for at, order_id in accepted:
            self._taken_at = at
            self._waiting[order_id] = at
        for order_id in [order_id for order_id in self._waiting if order_id in self._ended]:
            del self._waiting[order_id]
