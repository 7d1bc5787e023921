"""A shop of processes with customers who order all the time: strikes are done to it one by one."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from ecomkafka.chaos import chaos_run
from ecomkafka.chaos.injection import INJECTIONS
from ecomkafka.chaos.plan import Step
from ecomkafka.chaos.process_shop import ProcessShop
from ecomkafka.chaos.result import promises_are_kept
from ecomkafka.chaos.timeline import FLOWING, InjectedFault, Timeline, recoveries
from ecomkafka.chaos.workload import Traffic
from ecomkafka.invariants.check import check
from ecomkafka.invariants.facts import Violation
from ecomkafka.invariants.witness import Witness
from tests.waiting import eventually

SERVICES = ("order-0", "inventory-0", "notification-0", "analytics-0", "read-model-0")
FLOW_SECONDS = 120.0
"""How soon they do is measured by chaos runs; here other tests share the machine, and it is only whether they do."""


class Load:
    """`timeline` is filled while the customers order."""

    def __init__(self, shop: ProcessShop, witness: Witness, timeline: Timeline, now: chaos_run.Clock) -> None:
        self.shop, self.timeline, self.now = shop, timeline, now
        self._witness = witness

    def ordering(self, seed: int) -> Traffic:
        """Customers, in a `with` block."""
        return Traffic(self.shop.client_cluster, seed, chaos_run.RATE, self.accepted)

    def accepted(self, order_id: str) -> None:
        """A customer was told that the order is taken."""
        self.timeline.accepted.append((self.now(), order_id))

    def strike(self, fault: str, target: str, lasts: float, seen: Callable[[], bool] = lambda: True) -> InjectedFault:
        """Do it, look for `seen` meanwhile, and wait until orders flow again."""
        step = Step(self.now(), fault, target, lasts)
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(INJECTIONS[fault], self.shop, step)
            eventually(lambda: seen() or _failed(done), f"the effect of {fault}", timeout=lasts + FLOW_SECONDS)
            done.result()
        injected = InjectedFault(step, step.at, self.now())
        self.timeline.injected.append(injected)
        eventually(lambda: self._flows(injected), f"orders flow again after {fault}", timeout=FLOW_SECONDS)
        return injected

    def _flows(self, injected: InjectedFault) -> bool:
        return recoveries([injected], tuple(self.timeline.seen)) != [None]

    def violations(self) -> dict[str, list[Violation]]:
        """When all is done: what is broken of the invariants and of what customers were told."""
        assert self.shop.settle(chaos_run.SETTLE_SECONDS)
        facts = self.shop.facts(self._witness)
        found = check(facts) | {"promises_are_kept": promises_are_kept(facts, self.timeline)}
        return {name: violations for name, violations in found.items() if violations}


def _failed(done: Future[None]) -> bool:
    return done.done() and done.exception() is not None


@contextmanager
def load(brokers: int = 1, services: tuple[str, ...] = SERVICES, tls: bool = False) -> Iterator[Load]:
    timeline, start = Timeline(), time.monotonic()
    now: chaos_run.Clock = lambda: time.monotonic() - start  # noqa: E731
    with (
        ProcessShop(services, brokers, tls=tls) as shop,
        Witness(shop.cluster, partial(chaos_run._note, timeline, now)) as witness,
    ):
        yield Load(shop, witness, timeline, now)


def first_orders(load: Load) -> None:
    """Until some orders have gone through all of it."""
    ended = lambda: sum(event.kind == "confirmed" for event in tuple(load.timeline.seen))  # noqa: E731
    eventually(lambda: ended() >= FLOWING, "the first orders", timeout=FLOW_SECONDS)
