"""A chaos run: orders at a steady rate, faults by a seeded plan, a quiet end, and then every invariant."""

import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from textwrap import shorten

import psutil
from kafka.errors import KafkaError

from ecomkafka.chaos.injection import INJECTIONS
from ecomkafka.chaos.lag_watch import LagWatch
from ecomkafka.chaos.plan import GATEWAY, INSIDE, SERVICES, Step, make_plan
from ecomkafka.chaos.post_mortem import PostMortem, post_mortem
from ecomkafka.chaos.process_shop import ProcessShop
from ecomkafka.chaos.result import RECOVERY_SECONDS as RECOVERY_SECONDS
from ecomkafka.chaos.result import ChaosResult, judge, unknown
from ecomkafka.chaos.saga_states import Met
from ecomkafka.chaos.stall import StallWatch
from ecomkafka.chaos.timeline import InjectedFault, Seen, Timeline, recoveries
from ecomkafka.chaos.workload import Traffic
from ecomkafka.clients.record import Record
from ecomkafka.invariants.facts import Facts
from ecomkafka.invariants.witness import Witness
from ecomkafka.messages import OrderCancelled, OrderConfirmed, OrderCreated
from ecomkafka.shop.trace import trace

RATE = 10.0
"""Orders a second."""

SETTLE_SECONDS = 120.0
OVERTIME_SECONDS = 15.0
"""A fault may take longer than planned, because a dead broker has to restart; the last ones may end this much later."""

_RECOVER_SECONDS = 30.0
_KINDS: dict[type, str] = {OrderCreated: "created", OrderConfirmed: "confirmed", OrderCancelled: "cancelled"}
_INSIDE = {fault.name for fault in INSIDE}

_IN_THE_WAY = (KafkaError, RuntimeError, OSError, sqlite3.Error, psutil.Error, subprocess.TimeoutExpired)
"""Errors that an injection may meet: its target is broken already, or locked."""

Progress = Callable[[str, float], None]
"""Called with the current task and the share of the run that is over, 0 to 1."""

Clock = Callable[[], float]
"""Seconds since the start."""


def run(
    seconds: float,
    seed: int,
    brokers: int = 1,
    progress: Progress = lambda what, done: None,
    rate: float = RATE,
    gateway: bool = False,
    tls: bool = False,
) -> ChaosResult:
    """Inject faults into a shop of processes for `seconds`, heal it, and check every invariant.

    `gateway`: customers order by HTTP, and the gateway is struck as well. `tls`: every connection is encrypted.
    The same seed gives the same faults and the same orders; what is under way when a fault strikes differs. Once the
    shop runs nothing is raised: what ends the run before its time is in the result, with all that was seen until then.
    A run that fails leaves a folder, see `post_mortem.py`.
    """
    progress("starting Kafka and the services", 0.0)
    plan = make_plan(seconds, seed, brokers, gateway)
    timeline, verdict = Timeline(), unknown()
    with ExitStack() as stack, post_mortem(seed) as case:
        services = (*SERVICES, GATEWAY) if gateway else SERVICES
        shop = stack.enter_context(ProcessShop(services, brokers, seed, tls))
        try:
            with stack.pop_all(), _collected(case, shop):
                port = shop.gateway_port if gateway else None
                customers = partial(Traffic, shop.client_cluster, seed, rate, gateway=port)
                facts = _facts(shop, plan, timeline, customers, progress, partial(case.look, shop))
                verdict = judge(facts, timeline)
                if verdict.wrong:
                    with suppress(LookupError):  # of an order that is lost nothing may be left
                        verdict = verdict._replace(trace=trace(shop.cluster, verdict.wrong))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told with the seed and with what was seen
            verdict = verdict._replace(failure=f"{type(error).__name__}: {error}")
            case.note(error)
        result = ChaosResult(
            seconds, seed, brokers, len(timeline.accepted), timeline.frame(), timeline.faults(), timeline.png(),
            tuple(shop.deaths), *verdict, timeline.dangers(), gateway, tls,
        )  # fmt: skip
        return result if result.holds else case.write(result, plan)


@contextmanager
def _collected(case: PostMortem, shop: ProcessShop) -> Iterator[None]:
    try:
        yield
    finally:
        case.collect(shop)


def _facts(
    shop: ProcessShop,
    plan: Sequence[Step],
    timeline: Timeline,
    customers: Callable[[Callable[[str], None]], Traffic],
    progress: Progress,
    look: Callable[[float, str], None],
) -> Facts:
    """Let customers order while faults are injected, heal, wait until everything is handled, and gather the facts."""
    start = time.monotonic()
    now: Clock = lambda: time.monotonic() - start  # noqa: E731
    last = max((step.at + step.lasts for step in plan), default=1.0)
    watch = LagWatch(shop.cluster, lambda lag: timeline.lag.append((now(), lag)))
    stall_watch = StallWatch(timeline, now, lambda why: look(now(), why))
    with Witness(shop.cluster, partial(_note, timeline, now)) as witness, watch, stall_watch:
        with customers(lambda order_id: timeline.accepted.append((now(), order_id))):
            _inject_all(shop, plan, timeline, now, lambda what, at: progress(what, min(1.0, at / last)))
            progress("healed: waiting for orders to flow", 1.0)
            _await_recovery(shop, timeline, now)
        stall_watch.ordering = False
        progress("quiet: waiting for the last orders", 1.0)
        shop.settle(SETTLE_SECONDS)
        return shop.facts(witness)


def _note(timeline: Timeline, now: Clock, record: Record) -> None:
    timeline.sagas.note(record.message)
    if kind := _KINDS.get(type(record.message)):
        timeline.seen.append(Seen(now(), record.partition, record.message.order_id, kind))


def _inject_all(shop: ProcessShop, plan: Sequence[Step], timeline: Timeline, now: Clock, report: Progress) -> None:
    """Inject the faults of each kind one by one; returns when all are over. Faults that would end too late are left
    out.
    """
    over = threading.Event()
    kinds = [[step for step in plan if (step.fault in _INSIDE) is inside] for inside in (True, False)]
    with ThreadPoolExecutor(len(kinds)) as pool:
        tracks = [pool.submit(_inject_each, shop, steps, timeline, now, report, over) for steps in kinds]
        try:
            wait(tracks, return_when=FIRST_EXCEPTION)
        finally:
            over.set()
        for track in tracks:
            track.result()


def _inject_each(
    shop: ProcessShop, steps: Sequence[Step], timeline: Timeline, now: Clock, report: Progress, over: threading.Event
) -> None:
    """Inject each fault at its time; after a fault that took too long all later ones are delayed."""
    late, end = 0.0, max((step.at + step.lasts for step in steps), default=0.0) + OVERTIME_SECONDS
    for step in steps:
        if step.at + late + step.lasts > end or over.wait(max(0.0, step.at + late - now())):
            return
        report(f"{step.fault} {step.target}", now())
        _inject(shop, step, timeline, now)
        late = max(late, now() - step.at - step.lasts)


def _inject(shop: ProcessShop, step: Step, timeline: Timeline, now: Clock) -> None:
    at, note = now(), ""
    states, points = timeline.sagas.count(), len(shop.points)
    timeline.under_way.append((at, step))
    try:
        INJECTIONS[step.fault](shop, step)
    except NotImplementedError as error:
        note = str(error)
    except _IN_THE_WAY as error:
        note = shorten(f"did not succeed: {type(error).__name__}: {error}", 120, placeholder=" …")
    timeline.injected.append(InjectedFault(step, at, now(), note))
    timeline.under_way.remove((at, step))
    if not note:
        # Those outside of Kafka strike at no process: what is killed while they last is not theirs.
        timeline.met.append(Met(step.fault, states, shop.points[points:] if step.fault in _INSIDE else ()))


def _await_recovery(shop: ProcessShop, timeline: Timeline, now: Clock) -> None:
    until = now() + _RECOVER_SECONDS
    while now() < until and None in recoveries(timeline.injected, tuple(timeline.seen)):
        shop.wait(0.5)
