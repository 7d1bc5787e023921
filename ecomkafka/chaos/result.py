"""The result of a chaos run: figures, violations, and the shortest trace among the orders that went wrong."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ecomkafka.chaos.timeline import InjectedFault, Timeline, recoveries
from ecomkafka.invariants.check import as_frame, check, unchecked
from ecomkafka.invariants.facts import Facts, Violation
from ecomkafka.messages import OrderCreated

RECOVERY_SECONDS = 15.0
"""After a fault orders flow again: at the latest when a dead process's transaction or membership has timed out."""

_ORDER = re.compile(r"(?:CHAOS|ORD)-\w+")
_PLACE = re.compile(r"[\w.]+:\d+:\d+")


class Verdict(NamedTuple):
    invariants: pd.DataFrame
    """As in `as_frame`."""
    wrong: str | None = None
    """Of the orders that went wrong the one with the shortest story."""
    trace: pd.DataFrame | None = None
    """Its story; None as well if no record of it is left."""
    failure: str | None = None
    """What kept the run from its end: then what it would have shown is not known."""


@dataclass(frozen=True)
class ChaosResult:
    """What a run showed. `timeline` and `faults` are as in `Timeline`, `invariants` to `failure` as in `Verdict`."""

    seconds: float
    seed: int
    brokers: int
    orders: int
    timeline: pd.DataFrame
    faults: pd.DataFrame
    png: bytes
    """The timeline as a picture."""
    deaths: tuple[str, ...]
    """The last log lines of services that ended by themselves; each was restarted."""
    invariants: pd.DataFrame
    wrong: str | None
    trace: pd.DataFrame | None
    failure: str | None
    dangers: pd.DataFrame
    """What the faults met: as in `Timeline.dangers`."""
    gateway: bool
    """Whether customers ordered by HTTP."""
    tls: bool
    """Whether every connection to Kafka was encrypted."""
    folder: Path | None = None
    """The folder of a failed run; None after a good one."""

    @property
    def slowest(self) -> float:
        """The longest recovery after a fault, in seconds; infinite if orders did not flow again."""
        return float(self.faults["recovered after"].fillna(float("inf")).max()) if len(self.faults) else 0.0

    @property
    def injected(self) -> int:
        """The number of faults that were injected successfully."""
        return int((self.faults["note"] == "").sum())

    @property
    def holds(self) -> bool:
        """Whether something was broken, every invariant held and orders flowed again in time after every fault."""
        proved = self.failure is None and bool(self.invariants["holds"].all())
        return proved and self.injected > 0 and self.slowest <= RECOVERY_SECONDS


def unknown() -> Verdict:
    """The verdict on a run that did not come to its end."""
    invariants = as_frame({})
    invariants.loc[promises_are_kept.__name__] = [pd.NA, promises_are_kept.__doc__, 0, ""]
    invariants["first"] = "not checked: the run failed"
    return Verdict(invariants)


def judge(facts: Facts, timeline: Timeline) -> Verdict:
    """The verdict on every invariant and on the promises to customers, without the trace of what went wrong."""
    found = check(facts)
    invariants = as_frame(found, unchecked(facts))
    broken = promises_are_kept(facts, timeline)
    text = "; ".join(f"{who}: {what}" for who, what in broken[:3])
    invariants.loc[promises_are_kept.__name__] = [not broken, promises_are_kept.__doc__, len(broken), text]
    violations = [*broken, *(one for violations in found.values() for one in violations), *_late(timeline)]
    return Verdict(invariants, shortest(facts, violations))


def promises_are_kept(facts: Facts, timeline: Timeline) -> list[Violation]:
    """What a customer was told is true: each accepted order is in the log, and none is accepted by a minority."""
    created = {event.order_id for event in facts.messages(OrderCreated)}
    lost = [
        Violation(order_id, f"accepted after {at:.1f} s, and not in the log")
        for at, order_id in timeline.accepted
        if order_id not in created
    ]
    outages = [injected for injected in timeline.injected if injected.step.fault == "majority-kill"]
    return lost + [lie for outage in outages for lie in _lies(timeline, outage)]


def _lies(timeline: Timeline, outage: InjectedFault) -> Iterator[Violation]:
    """Of an order that was in the log before, a gateway may say so."""
    dead = outage.at + 1.0
    before = {event.order_id for event in timeline.seen if event.at <= dead}
    for at, order_id in timeline.accepted:
        if dead < at < outage.at + outage.step.lasts and order_id not in before:
            yield Violation(order_id, f"accepted after {at:.1f} s, when two of three brokers were dead")


def _late(timeline: Timeline) -> Iterator[Violation]:
    after = recoveries(timeline.injected, timeline.seen)
    if any(seconds is None or seconds > RECOVERY_SECONDS for seconds in after) and (order_id := timeline.longest):
        yield Violation(order_id, "waited longest when orders did not flow")


def shortest(facts: Facts, violations: Iterable[Violation]) -> str | None:
    """Of the orders that have to do with a violation the one with the fewest records; one without any only if all are
    so.
    """
    lengths = Counter(record.header("correlation") for topic in facts.records.values() for record in topic)
    ids = sorted({order_id for violation in violations for order_id in _orders(facts, violation)})
    return min(ids, key=lambda order_id: lengths[order_id] or 1_000_000, default=None)


def _orders(facts: Facts, violation: Violation) -> list[str]:
    """Those that it names, else those of the records that it names."""
    text = f"{violation.who} {violation.what}"
    if named := _ORDER.findall(text):
        return named
    positions = set(_PLACE.findall(text))
    records = (record for topic in facts.records.values() for record in topic if str(record.position) in positions)
    return [order_id for record in records if _ORDER.fullmatch(order_id := record.header("correlation") or "")]
