"""Every strike that the other proofs don't do, and a kill of the order service: each has its effect, and orders flow
again after it.

That none is forgotten is a test of its own, in tests/unit/chaos/test_chaos.py.
"""

from collections.abc import Callable, Iterator

import pytest

from ecomkafka.clients.connections import REQUEST_TIMEOUT_MS
from ecomkafka.clients.groups import group_of, memberships
from ecomkafka.clients.reader import read
from tests.proof.load import Load, first_orders, load

Effect = Callable[[], bool]


@pytest.fixture(scope="module")
def running() -> Iterator[Load]:
    with load() as shop, shop.ordering(seed=1):
        first_orders(shop)
        yield shop


def another_process(running: Load) -> Effect:
    order = running.shop.services["order-0"]
    before = order.pid
    return lambda: order.pid not in (None, before)


def the_older_one_ends(running: Load) -> Effect:
    deaths = running.shop.deaths
    before = len(deaths)
    return lambda: "another instance runs as" in " ".join(deaths[before:])


def guests_at_work(running: Load) -> Effect:
    def seen() -> bool:
        groups = memberships(running.shop.cluster)
        return any("guest" in name for of in groups if of.group == group_of("inventory") for name in of.members)

    return seen


def no_order_taken_for_long(running: Load) -> Effect:
    """Longer than a request may take."""
    return lambda: running.now() - running.timeline.accepted[-1][0] > REQUEST_TIMEOUT_MS / 1000


def nobody_let_in(running: Load) -> Effect:
    before = running.shop.proxy.refused
    return lambda: running.shop.proxy.refused > before


def late_answers(running: Load) -> Effect:
    return lambda: running.shop.proxy.delay > 0


def silent_connections(running: Load) -> Effect:
    return lambda: any(link.silent for link in tuple(running.shop.proxy._links))


def spoilt_requests(running: Load) -> Effect:
    return lambda: any(rule.happened.is_set() for rule in tuple(running.shop.proxy._rules))


def late_requests(running: Load) -> Effect:
    return lambda: any(rule.arrived.is_set() for rule in tuple(running.shop.proxy._rules))


def no_order_confirmed_for_a_second(running: Load) -> Effect:
    newest = lambda: max(event.at for event in tuple(running.timeline.seen) if event.kind == "confirmed")  # noqa: E731
    return lambda: running.now() - newest() > 1.0


def a_retry(running: Load) -> Effect:
    retries = lambda: len(read(running.shop.cluster, "notifications.retry.1"))  # noqa: E731
    before = retries()
    return lambda: retries() > before


TABLE = [
    ("restart", "order-0", 0.0, another_process),
    ("kill", "order-0", 0.0, another_process),
    ("twin", "order-0", 2.0, the_older_one_ends),
    ("replaced", "order-0", 4.0, the_older_one_ends),
    ("storm", "inventory", 3.0, guests_at_work),
    ("broker-freeze-long", "node-1", 7.0, no_order_taken_for_long),
    ("network-half-open", "all", 0.0, silent_connections),
    ("network-down", "all", 2.0, nobody_let_in),
    ("network-slow", "all", 2.0, late_answers),
    ("answers-lost", "EndTxn", 2.0, spoilt_requests),
    ("answers-swallowed", "Produce", 2.0, spoilt_requests),
    ("requests-late", "EndTxn", 3.0, late_requests),
    ("mail-refuses", "mail", 2.0, a_retry),
    ("payment-away", "ledger", 3.0, no_order_confirmed_for_a_second),
]


@pytest.mark.parametrize(("fault", "target", "lasts", "effect"), TABLE, ids=[row[0] for row in TABLE])
def test_a_strike_has_its_effect_and_orders_flow_again(running, fault, target, lasts, effect):
    running.strike(fault, target, lasts, effect(running))
