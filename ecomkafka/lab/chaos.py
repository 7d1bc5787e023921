"""A chaos run: orders at a steady rate, faults by a seeded plan, then quiet, then every invariant."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pandas as pd
from kafka.errors import KafkaError

from ecomkafka.lab.facts import Facts
from ecomkafka.lab.invariants import Violation
from ecomkafka.lab.process_shop import ProcessShop
from ecomkafka.lab.schedule import INSIDE, SERVICES, Step, schedule
from ecomkafka.lab.strike import STRIKES
from ecomkafka.lab.timeline import Seen, Struck, Timeline, recoveries
from ecomkafka.lab.trace import trace
from ecomkafka.lab.traffic import Traffic
from ecomkafka.lab.verdict import as_frame, check
from ecomkafka.lab.witness import Witness
from ecomkafka.messages import OrderCancelled, OrderConfirmed, OrderCreated
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.groups import lags
from ecomkafka.runtime.record import Record
from ecomkafka.runtime.transaction import UnknownOutcomeError

RATE = 10.0
"""Orders a second."""

RECOVERY_SECONDS = 15.0
"""After a fault orders flow again: at the latest when a dead process's transaction or membership has timed out."""

SETTLE_SECONDS = 120.0
OVERTIME_SECONDS = 15.0
"""A fault may take longer than planned (a dead broker has to start again); so much later the last ones may be over."""

_RECOVER_SECONDS = 30.0
_KINDS: dict[type, str] = {OrderCreated: "created", OrderConfirmed: "confirmed", OrderCancelled: "cancelled"}
_INSIDE = {fault.name for fault in INSIDE}

Progress = Callable[[str, float], None]
"""Is told what is going on, and how much of the run is over, 0 to 1."""

Clock = Callable[[], float]
"""Seconds since the start."""


@dataclass(frozen=True)
class ChaosResult:
    """What a run showed. `timeline` and `faults` are as in `Timeline`, `invariants` as in `as_frame`."""

    seconds: float
    seed: int
    brokers: int
    orders: int
    timeline: pd.DataFrame
    faults: pd.DataFrame
    invariants: pd.DataFrame
    png: bytes
    """The timeline as a picture."""
    deaths: tuple[str, ...]
    """Last words of services that ended by themselves; each was started again."""
    wrong: str | None
    """Of the orders that went wrong the one with the shortest story."""
    trace: pd.DataFrame | None
    """Its story."""

    @property
    def slowest(self) -> float:
        """The longest recovery after a fault, in seconds; infinite if orders did not flow again."""
        return float(self.faults["recovered after"].fillna(float("inf")).max()) if len(self.faults) else 0.0

    @property
    def holds(self) -> bool:
        """Whether every invariant held and orders flowed again in time after every fault."""
        return bool(self.invariants["holds"].all()) and self.slowest <= RECOVERY_SECONDS


def run(
    seconds: float, seed: int, brokers: int = 1, progress: Progress = lambda what, done: None, rate: float = RATE
) -> ChaosResult:
    """Break a shop of processes for `seconds`, heal it, and look whether all is well.

    The same seed gives the same faults and the same orders; what is under way when a fault strikes differs.
    """
    progress("starting Kafka and the services", 0.0)
    plan = schedule(seconds, seed, brokers)
    timeline = Timeline()
    with ProcessShop(SERVICES, brokers, seed) as shop:
        start = time.monotonic()
        now: Clock = lambda: time.monotonic() - start  # noqa: E731
        traffic = Traffic(shop.client_cluster, seed, rate, lambda order_id: timeline.accepted.append((now(), order_id)))
        with Witness(shop.cluster, partial(_note, timeline, now)) as witness, _Lags(shop.cluster, timeline, now):
            try:
                traffic.start()
                _strike_all(shop, plan, timeline, now, lambda what, at: progress(what, min(1.0, at / seconds)))
                progress("healed: waiting for orders to flow", 1.0)
                _await_recovery(shop, timeline, now)
            finally:
                traffic.stop()
            progress("quiet: waiting for the last orders", 1.0)
            shop.settle(SETTLE_SECONDS)
            facts = shop.facts(witness)
        found = check(facts)
        invariants = as_frame(found)
        broken = promises_are_kept(facts, timeline)
        told = "; ".join(f"{who}: {what}" for who, what in broken[:3])
        invariants.loc[promises_are_kept.__name__] = [not broken, promises_are_kept.__doc__, len(broken), told]
        wrong = _shortest(shop.cluster, [*broken, *(one for violations in found.values() for one in violations)])
        return ChaosResult(
            seconds, seed, brokers, len(timeline.accepted),
            timeline.frame(), timeline.faults(), invariants, timeline.png(), tuple(shop.deaths),
            wrong, trace(shop.cluster, wrong) if wrong else None,
        )  # fmt: skip


def promises_are_kept(facts: Facts, timeline: Timeline) -> list[Violation]:
    """What a customer was told is true: each accepted order is in the log, and none is accepted by a minority."""
    created = {event.order_id for event in facts.messages(OrderCreated)}
    lost = [
        Violation(order_id, f"accepted after {at:.1f} s, and not in the log")
        for at, order_id in timeline.accepted
        if order_id not in created
    ]
    lies = [
        Violation(order_id, f"accepted after {at:.1f} s, when two of three brokers were dead")
        for struck in timeline.struck
        if struck.step.fault == "majority-kill"
        for at, order_id in timeline.accepted
        if struck.at + 1.0 < at < struck.at + struck.step.lasts
    ]
    return lost + lies


def _note(timeline: Timeline, now: Clock, record: Record) -> None:
    if kind := _KINDS.get(type(record.message)):
        timeline.seen.append(Seen(now(), record.partition, record.message.order_id, kind))


def _strike_all(shop: ProcessShop, plan: Sequence[Step], timeline: Timeline, now: Clock, say: Progress) -> None:
    """Those of each kind one by one; returns when all are over. What would be over too late is left out."""
    over = threading.Event()
    kinds = [[step for step in plan if (step.fault in _INSIDE) is inside] for inside in (True, False)]
    with ThreadPoolExecutor(len(kinds)) as pool:
        tracks = [pool.submit(_strike_each, shop, steps, timeline, now, say, over) for steps in kinds]
        try:
            for track in tracks:
                track.result()
        finally:
            over.set()


def _strike_each(
    shop: ProcessShop, steps: Sequence[Step], timeline: Timeline, now: Clock, say: Progress, over: threading.Event
) -> None:
    """Each at its time, or later by what a former one took too long: there is time to recover between them."""
    late, end = 0.0, max((step.at + step.lasts for step in steps), default=0.0) + OVERTIME_SECONDS
    for step in steps:
        if step.at + late + step.lasts > end or over.wait(max(0.0, step.at + late - now())):
            return
        say(f"{step.fault} {step.target}", now())
        _strike(shop, step, timeline, now)
        late = max(late, now() - step.at - step.lasts)


def _strike(shop: ProcessShop, step: Step, timeline: Timeline, now: Clock) -> None:
    at, note = now(), ""
    try:
        STRIKES[step.fault](shop, step)
    except (KafkaError, UnknownOutcomeError, ConnectionError, TimeoutError) as error:  # the broker is away
        note = f"did not succeed: {type(error).__name__}"
    except NotImplementedError as error:
        note = str(error)
    timeline.struck.append(Struck(step, at, now(), note))


def _await_recovery(shop: ProcessShop, timeline: Timeline, now: Clock) -> None:
    until = now() + _RECOVER_SECONDS
    while now() < until and None in recoveries(timeline.struck, tuple(timeline.seen)):
        shop.wait(0.5)


class _Lags(threading.Thread):
    """Asks for the lag once a second, in a `with` block."""

    def __init__(self, cluster: Cluster, timeline: Timeline, now: Clock) -> None:
        super().__init__(name="lags", daemon=True)
        self._cluster, self._timeline, self._now = cluster, timeline, now
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(1.0):
            try:
                total = sum(lag.lag for lag in lags(self._cluster))
            except (KafkaError, ConnectionError):
                continue
            self._timeline.lag.append((self._now(), total))

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self.join(30.0)


def _shortest(cluster: Cluster, violations: list[Violation]) -> str | None:
    """Of the orders that are named in a violation the one with the fewest records."""
    lengths: dict[str, int] = {}
    for violation in violations:
        order_id = "-".join(violation.who.split("-")[:2])
        if violation.who.startswith("CHAOS-") and order_id not in lengths and len(lengths) < 20:
            try:
                lengths[order_id] = len(trace(cluster, order_id))
            except LookupError:
                lengths[order_id] = 1_000_000
    return min(lengths, key=lambda order_id: lengths[order_id], default=None)
