"""Invariant 5: the windows contain exactly the events of the log."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.domain.windows.window import Window, start_of
from ecomkafka.engine.records_set_aside import REPLAYED
from ecomkafka.flow import HOPS
from ecomkafka.invariants.facts import Facts, Violation, Violations, places

COUNTED = HOPS["analytics"].reads

_MONEY = ("revenue_created", "revenue_confirmed", "revenue_lost")
_COUNTS = dict(
    zip(COUNTED, (("created", "confirmed", "cancelled", *_MONEY), ("stock",), ("sent", "failed")), strict=True)
)
"""The figures that the events of each topic make."""


def windows_equal_the_log(facts: Facts) -> Violations:
    """The statistics are right: each window adds up its events, less those that came too late; these are counted."""
    folded: dict[datetime, Window] = {}
    records: dict[datetime, list[Record]] = defaultdict(list)
    events: Counter[str] = Counter()
    for record in _counting(facts):
        window = Window.of(record.message)
        folded[window.start] = folded[window.start] + window if window.start in folded else window
        records[start_of(record.message.at)].append(record)
        events[record.topic] += 1
    counted: Counter[str] = Counter()
    for window in facts.windows:
        counted.update(_by_topic(window))
        expected = folded.pop(window.start, None)
        if expected is None or not _agree(window, expected):
            what = f"the window says {_figures(window)}, the log {expected and _figures(expected)}"
            yield Violation(str(window.start), f"{what}: {places(records[window.start])}")
    for start in folded if not facts.late else ():
        yield Violation(str(start), f"in no window: {places(records[start])}")
    for topic in COUNTED:
        late = facts.late.get(topic, 0)
        if counted[topic] + late != events[topic]:
            yield Violation(topic, f"{events[topic]} events, {counted[topic]} counted, {late} late")


def _counting(facts: Facts) -> Iterator[Record]:
    """Every event but those that analytics could not count: it may refuse them, or they were sent again since."""
    asides = [aside for aside in facts.set_aside.values() if aside.service == "analytics"]
    uncounted = {a.origin.position for a in asides if a.fate == REPLAYED or a.may_be_refused}
    for record in (record for topic in COUNTED for record in facts.of(topic) if record.message):
        if record.position not in uncounted:
            yield record


def _by_topic(window: Window) -> dict[str, int]:
    orders, notifications = window.created + window.confirmed + window.cancelled, window.sent + window.failed
    return dict(zip(COUNTED, (orders, window.events - orders - notifications, notifications), strict=True))


def _agree(window: Window, log: Window) -> bool:
    """All of what each topic counts. Of one some of whose events were late there may be less than in the log: which
    were late is not on record, only how many.
    """
    ours, theirs, counted, there = _figures(window), _figures(log), _by_topic(window), _by_topic(log)
    for topic, names in _COUNTS.items():
        pairs = [(ours[name], theirs[name]) for name in names]
        if counted[topic] == there[topic]:
            if any(mine != other for mine, other in pairs):
                return False
        elif counted[topic] > there[topic] or any(mine > other for mine, other in pairs if not isinstance(mine, dict)):
            return False
    return True


def _figures(window: Window) -> dict[str, Any]:
    return {name: getattr(window, name) for name in ("events", *chain(*_COUNTS.values()))}
