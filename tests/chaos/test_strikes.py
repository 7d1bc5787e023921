"""Every strike that the other runs of these tests don't do: it has its effect, and orders flow again after it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from ecomkafka.lab.schedule import schedule
from ecomkafka.lab.strike import STRIKES
from ecomkafka.lab.traffic import Traffic
from ecomkafka.runtime.groups import group_of, memberships
from ecomkafka.runtime.reader import read
from tests.chaos.load import Load, first_orders, load
from tests.chaos.test_chaos_run import SECONDS, SEED
from tests.chaos.test_three_brokers import KILLS

Effect = Callable[[], bool]


class Scene(NamedTuple):
    load: Load
    customers: Traffic


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with load() as running, running.ordering(seed=1) as customers:
        first_orders(running)
        yield Scene(running, customers)


def another_process(scene: Scene) -> Effect:
    order = scene.load.shop.services["order-0"]
    before = order.pid
    return lambda: order.pid not in (None, before)


def the_older_one_ends(scene: Scene) -> Effect:
    deaths = scene.load.shop.deaths
    before = len(deaths)
    return lambda: "another instance runs as" in " ".join(deaths[before:])


def guests_at_work(scene: Scene) -> Effect:
    def seen() -> bool:
        groups = memberships(scene.load.shop.cluster)
        return any("guest" in name for of in groups if of.group == group_of("inventory") for name in of.members)

    return seen


def an_order_asked_for_again(scene: Scene) -> Effect:
    before = scene.customers.retries
    return lambda: scene.customers.retries > before


def nobody_let_in(scene: Scene) -> Effect:
    before = scene.load.shop.proxy.refused
    return lambda: scene.load.shop.proxy.refused > before


def late_answers(scene: Scene) -> Effect:
    return lambda: scene.load.shop.proxy.delay > 0


def silent_connections(scene: Scene) -> Effect:
    return lambda: any(link.silent for link in tuple(scene.load.shop.proxy._links))


def spoilt_requests(scene: Scene) -> Effect:
    return lambda: any(rule.happened.is_set() for rule in tuple(scene.load.shop.proxy._rules))


def a_retry(scene: Scene) -> Effect:
    retries = lambda: len(read(scene.load.shop.cluster, "notifications.retry.1"))  # noqa: E731
    before = retries()
    return lambda: retries() > before


TABLE = [
    ("restart", "order-0", 0.0, another_process),
    ("twin", "order-0", 2.0, the_older_one_ends),
    ("storm", "inventory", 3.0, guests_at_work),
    ("broker-freeze-long", "node-1", 6.0, an_order_asked_for_again),
    ("network-half-open", "all", 0.0, silent_connections),
    ("network-down", "all", 2.0, nobody_let_in),
    ("network-slow", "all", 2.0, late_answers),
    ("answers-lost", "EndTxn", 2.0, spoilt_requests),
    ("answers-swallowed", "Produce", 2.0, spoilt_requests),
    ("mail-refuses", "mail", 2.0, a_retry),
]


@pytest.mark.parametrize(("fault", "target", "lasts", "effect"), TABLE, ids=[row[0] for row in TABLE])
def test_a_strike_has_its_effect_and_orders_flow_again(scene, fault, target, lasts, effect):
    scene.load.strike(fault, target, lasts, effect(scene))


def test_every_strike_is_done_by_a_test():
    in_a_minute = {step.fault for step in schedule(SECONDS, SEED)}
    assert in_a_minute | {row[0] for row in TABLE} | set(KILLS) == STRIKES.keys()
