"""What happened when in a chaos run: faults, throughput and lag, as a table and as a picture."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from ecomkafka.lab.schedule import STOPS_ORDERS, Step

PARTITIONS = 3
"""Of orders.events: orders flow when they flow in each."""


class Seen(NamedTuple):
    """An event of an order as a read_committed reader saw it, `at` seconds after the start."""

    at: float
    partition: int
    order_id: str
    kind: str
    """created, confirmed or cancelled."""


class Struck(NamedTuple):
    """A fault that happened: from `at` until everything was put right again at `healed`."""

    step: Step
    at: float
    healed: float
    note: str = ""


@dataclass
class Timeline:
    """Filled by the threads of a run; times are seconds since its start."""

    struck: list[Struck] = field(default_factory=list)
    accepted: list[tuple[float, str]] = field(default_factory=list)
    """When the client was told that an order is taken."""
    seen: list[Seen] = field(default_factory=list)
    lag: list[tuple[float, int]] = field(default_factory=list)
    """Records that all groups together had not handled yet, where the broker could tell."""

    def frame(self) -> pd.DataFrame:
        """One row a second: orders accepted, confirmed, cancelled; lag (NaN: no answer); the faults under way."""
        last = max([0.0, *(event.at for event in self.seen), *(fault.healed for fault in self.struck)])
        seconds = pd.RangeIndex(int(last) + 1, name="second")
        table = pd.DataFrame({"accepted": _per_second([at for at, _ in self.accepted], seconds)}, index=seconds)
        for kind in ("confirmed", "cancelled"):
            table[kind] = _per_second([event.at for event in self.seen if event.kind == kind], seconds)
        lags = pd.Series({int(at): float(lag) for at, lag in self.lag}, dtype=float)
        table["lag"] = lags.reindex(seconds)
        table["faults"] = [
            ", ".join(f"{s.step.fault} {s.step.target}" for s in self.struck if int(s.at) <= second <= s.healed)
            for second in seconds
        ]
        return table

    def faults(self) -> pd.DataFrame:
        """One row a fault: when, what, at whom, when healed, and after how many seconds orders flowed again (NaN:
        never)."""
        rows = [
            (s.at, s.step.fault, s.step.target, s.healed - s.at, recovery(s, self.struck, self.seen), s.note)
            for s in sorted(self.struck, key=lambda s: s.at)
        ]
        columns = ["at", "fault", "target", "lasted", "recovered after", "note"]
        return pd.DataFrame(rows, columns=columns).astype({"recovered after": float}).round(2)

    def png(self) -> bytes:
        """The picture; drawn without pyplot, so that any thread may."""
        from matplotlib.figure import Figure

        table = self.frame()
        figure = Figure(figsize=(12, 6), layout="constrained")
        faults, orders, lag = figure.subplots(3, 1, sharex=True, height_ratios=[2, 2, 1])
        names = list(dict.fromkeys(s.step.fault for s in self.struck))
        for s in self.struck:
            row = names.index(s.step.fault)
            faults.barh(row, max(s.healed - s.at, 0.4), left=s.at, color="tab:red")
            for axis in (orders, lag):
                axis.axvspan(s.at, max(s.healed, s.at + 0.4), color="tab:red", alpha=0.12, linewidth=0)
        faults.set_yticks(range(len(names)), names, fontsize=7)
        for column in ("accepted", "confirmed", "cancelled"):
            orders.plot(table.index, table[column], label=column, drawstyle="steps-post")
        orders.set_ylabel("orders/s")
        orders.legend(loc="upper right", fontsize=7)
        lag.plot(table.index, table["lag"], color="black", linewidth=1)
        lag.set(ylabel="lag", xlabel="seconds")
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=100)
        return picture.getvalue()


def recovery(fault: Struck, struck: Sequence[Struck], seen: Sequence[Seen]) -> float | None:
    """Seconds from its end until, in each partition, an order placed after it has ended; None: not within the run.

    Time in which another fault was under way that stops orders does not count.
    """
    placed: set[str] = set()
    flowing: set[int] = set()
    for event in seen:
        if event.at < fault.healed:
            continue
        if event.kind == "created":
            placed.add(event.order_id)
        elif event.order_id in placed:
            flowing.add(event.partition)
        if len(flowing) == PARTITIONS:
            others = [(s.at, s.healed) for s in struck if s is not fault and s.step.fault in STOPS_ORDERS]
            return max(0.0, event.at - fault.healed - _covered(others, fault.healed, event.at))
    return None


def _covered(spans: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """How much of start..end lies in one of the spans."""
    cuts = sorted({start, end, *(cut for span in spans for cut in span if start < cut < end)})
    return sum(b - a for a, b in pairwise(cuts) if any(s <= a and b <= e for s, e in spans))


def _per_second(times: list[float], seconds: pd.RangeIndex) -> pd.Series:
    return pd.Series([int(at) for at in times], dtype=int).value_counts().reindex(seconds, fill_value=0)
