"""The timeline of a chaos run: faults, throughput and lag, as a table and as a picture."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import pandas as pd

from ecomkafka.chaos.plan import STOPS_ORDERS, SURVIVED, Step
from ecomkafka.chaos.saga_states import Met, SagaStates, met_table

FLOWING = 10
"""Orders flow when so many in a row do: they go to every partition and every warehouse."""


class Seen(NamedTuple):
    """An event of an order as a read_committed reader saw it, `at` seconds after the start."""

    at: float
    partition: int
    order_id: str
    kind: str
    """created, confirmed or cancelled."""


class InjectedFault(NamedTuple):
    """A fault that happened: from `at` until everything was put right again at `healed`."""

    step: Step
    at: float
    healed: float
    note: str = ""
    """Why it did not succeed, if it did not: then it is no excuse for another one's recovery."""

    @property
    def over(self) -> float:
        """From when on orders have to flow again."""
        return self.at if self.step.fault in SURVIVED else self.healed


@dataclass
class Timeline:
    """Filled by the threads of a run; times are seconds since its start."""

    injected: list[InjectedFault] = field(default_factory=list)
    under_way: list[tuple[float, Step]] = field(default_factory=list)
    """Faults that have struck and are not over yet, and since when."""
    met: list[Met] = field(default_factory=list)
    sagas: SagaStates = field(default_factory=SagaStates)
    accepted: list[tuple[float, str]] = field(default_factory=list)
    """When the client was told that an order is taken."""
    seen: list[Seen] = field(default_factory=list)
    lag: list[tuple[float, int]] = field(default_factory=list)
    """Records that all groups together had not handled yet, where the broker could tell."""

    def frame(self) -> pd.DataFrame:
        """One row a second: orders accepted, confirmed, cancelled; lag (NaN: no answer); the faults under way."""
        last = max([0.0, *(event.at for event in self.seen), *(fault.healed for fault in self.injected)])
        seconds = pd.RangeIndex(int(last) + 1, name="second")
        table = pd.DataFrame({"accepted": _per_second([at for at, _ in self.accepted], seconds)}, index=seconds)
        for kind in ("confirmed", "cancelled"):
            table[kind] = _per_second([event.at for event in self.seen if event.kind == kind], seconds)
        lags = pd.Series({int(at): float(lag) for at, lag in self.lag}, dtype=float)
        table["lag"] = lags.reindex(seconds)
        table["faults"] = [
            ", ".join(f"{s.step.fault} {s.step.target}" for s in self.injected if int(s.at) <= second <= s.healed)
            for second in seconds
        ]
        return table

    def faults(self) -> pd.DataFrame:
        """One row a fault: when, what, at whom, when healed, and after how many seconds orders flowed again (NaN:
        never)."""
        injected = sorted(self.injected, key=lambda s: s.at)
        rows = [
            (s.at, s.step.fault, s.step.target, s.healed - s.at, after, s.note)
            for s, after in zip(injected, recoveries(injected, self.seen), strict=True)
        ]
        columns = ["at", "fault", "target", "lasted", "recovered after", "note"]
        return pd.DataFrame(rows, columns=columns).astype({"recovered after": float}).round(2)

    def dangers(self) -> pd.DataFrame:
        """What the faults met: as in `met_table`."""
        return met_table(self.met)

    @property
    def stopped(self) -> bool:
        """Whether a fault that stops orders is under way."""
        return any(step.fault in STOPS_ORDERS for _, step in tuple(self.under_way))

    @property
    def stops(self) -> list[tuple[float, float]]:
        """From when to when a fault stopped orders, or still does."""
        still = [(at, math.inf) for at, step in tuple(self.under_way) if step.fault in STOPS_ORDERS]
        return still + _stops(self.injected)

    @property
    def longest(self) -> str | None:
        """The order that waited longest for its end, or has none."""
        created, ended = _first(self.seen, "created"), _first(self.seen, "confirmed", "cancelled")
        waited = {order_id: ended.get(order_id, math.inf) - at for order_id, at in created.items()}
        return max(waited, key=lambda order_id: waited[order_id], default=None)

    def png(self) -> bytes:
        """The picture; any thread may draw it."""
        from ecomkafka.views.chaos_plot import chaos_plot

        return chaos_plot(self.frame(), self.faults()).png()


def recoveries(injected: Sequence[InjectedFault], seen: Sequence[Seen]) -> list[float | None]:
    """For each fault the seconds from its end until the next FLOWING orders have all ended; None: not within the run.

    Only the time in which another fault that stops orders was under way does not count.
    """
    created, ended = _first(seen, "created"), _first(seen, "confirmed", "cancelled")
    placed = sorted(((at, ended.get(order_id)) for order_id, at in created.items()), key=itemgetter(0))
    return [_recovery(fault, injected, placed) for fault in injected]


def _first(seen: Sequence[Seen], *kinds: str) -> dict[str, float]:
    """When each order was first seen so."""
    return {event.order_id: event.at for event in reversed(seen) if event.kind in kinds}


def _recovery(
    fault: InjectedFault, injected: Sequence[InjectedFault], placed: Sequence[tuple[float, float | None]]
) -> float | None:
    start = bisect_left(placed, fault.over, key=itemgetter(0))
    ends = [ended for _, ended in placed[start : start + FLOWING] if ended is not None]
    if len(ends) < FLOWING:
        return None
    stops = _stops(other for other in injected if other is not fault)
    return max(ends) - fault.over - covered(stops, fault.over, max(ends))


def _stops(injected: Iterable[InjectedFault]) -> list[tuple[float, float]]:
    """When orders need not have flowed; a fault that did not succeed is no excuse."""
    return [(s.at, s.healed) for s in injected if s.step.fault in STOPS_ORDERS and not s.note]


def covered(spans: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """How much of start..end lies in one of the spans."""
    cuts = sorted({start, end, *(cut for span in spans for cut in span if start < cut < end)})
    return sum(b - a for a, b in pairwise(cuts) if any(s <= a and b <= e for s, e in spans))


def _per_second(times: list[float], seconds: pd.RangeIndex) -> pd.Series:
    return pd.Series([int(at) for at in times], dtype=int).value_counts().reindex(seconds, fill_value=0)
