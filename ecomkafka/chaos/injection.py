"""Fault injection: how each fault of the plan is applied to a `ProcessShop` and undone."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from kafka.protocol.api_key import ApiKey

from ecomkafka import faults
from ecomkafka.broker.node import Node
from ecomkafka.chaos import injection_outside as outside
from ecomkafka.chaos.plan import Step
from ecomkafka.chaos.process_shop import ProcessShop
from ecomkafka.faults.network_proxy import Fault
from ecomkafka.machine.errors import BrokerError
from ecomkafka.operations.service_process import ServiceProcess

Injection = Callable[[ProcessShop, Step], None]
"""Applies a fault for as long as the step says; returns when it is undone, or about to be."""

_EVER = 1_000_000
_LATE_EVERY = 0.2
"""Seconds."""
_LATEST = 12
"""The most requests by which one is delayed: those of two or three transactions."""
_JOIN_SECONDS = 90.0
"""How long a second process may take to start; before that it fences nothing."""
_NOTICE_SECONDS = 30.0
"""How long the older of two processes of one name may take to be fenced; mostly one second."""


# --- processes


def kill(shop: ProcessShop, step: Step) -> None:
    with shop.reserve(step.target) as process:
        process.kill()
        shop.wait(step.lasts)


def restart(shop: ProcessShop, step: Step) -> None:
    with shop.reserve(step.target) as process:
        process.stop()


def zombie(shop: ProcessShop, step: Step) -> None:
    with shop.reserve(step.target) as process, _frozen(process):
        shop.wait(step.lasts)


def replaced(shop: ProcessShop, step: Step) -> None:
    with shop.reserve(step.target) as process:
        other = shop.process(step.target, shop.folder / f"other-{step.target}")
        try:
            with _frozen(process):
                other.start().wait_ready(_JOIN_SECONDS)
                shop.wait(step.lasts)
            shop.wait(_NOTICE_SECONDS, lambda: not process.is_alive)  # both run: the one that was frozen notices
            if not process.is_alive:
                shop.record_death(step.target)
        finally:
            other.kill()


def twin(shop: ProcessShop, step: Step) -> None:
    other = shop.process(step.target, shop.folder / f"other-{step.target}")
    before = len(shop.deaths)
    try:
        other.start().wait_ready(_JOIN_SECONDS)
        shop.wait(step.lasts)
        shop.wait(_NOTICE_SECONDS, lambda: len(shop.deaths) > before)
    finally:
        other.kill()


def storm(shop: ProcessShop, step: Step) -> None:
    """A rebalance storm: a member joins and another leaves every 1.5 seconds; the last one is killed."""
    names = [f"{step.target}-guest{n}" for n in range(int(step.lasts / 1.5))]
    members = [shop.process(name, shop.folder / name) for name in names]
    try:
        for number, member in enumerate(members):
            member.start()
            shop.wait(1.5)
            if number >= 2:
                members[number - 2].stop()
        members[-1].wait_ready(_JOIN_SECONDS)
        for member in members[:-1]:
            member.stop()
    finally:
        for member in members:
            member.kill()


@contextmanager
def _frozen(what: ServiceProcess | Node) -> Iterator[None]:
    what.pause()
    try:
        yield
    finally:
        what.resume()


# --- brokers


def broker_kill(shop: ProcessShop, step: Step) -> None:
    _down(shop, [_node(shop, step.target)], step.lasts)


def broker_freeze(shop: ProcessShop, step: Step) -> None:
    with _frozen(_node(shop, step.target)):
        shop.wait(step.lasts)


def disk_full(shop: ProcessShop, step: Step) -> None:
    """Fill the disk: a broker ends when it can't write, and continues after a restart with free disk."""
    node = _node(shop, step.target)
    faults.disk_full(node)
    shop.wait(step.lasts)
    _down(shop, [node], 0.0)


def leader_kill(shop: ProcessShop, step: Step) -> None:
    """Kill the leader of one of the topic's partitions; which broker that is depends on the time."""
    with closing(shop.cluster.admin()) as admin:
        (topic,) = admin.describe_topics([shop.cluster.name(step.target)])
    partition = topic["partitions"][int(step.at) % len(topic["partitions"])]
    if (leader := partition["leader_id"]) < 1:
        raise BrokerError(f"{step.target}:{partition['partition_index']} has no leader to kill")
    _down(shop, [_node(shop, f"node-{leader}")], step.lasts)


def majority_kill(shop: ProcessShop, step: Step) -> None:
    _down(shop, [node for node in shop.broker.nodes if node is not _node(shop, step.target)], step.lasts)


def _node(shop: ProcessShop, name: str) -> Node:
    return shop.broker.nodes[int(name.removeprefix("node-")) - 1]


def _down(shop: ProcessShop, nodes: list[Node], seconds: float) -> None:
    for node in nodes:
        node.kill()
    try:
        shop.wait(seconds)
    finally:
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait()


# --- the network


def network_cut(shop: ProcessShop, step: Step) -> None:
    shop.proxy.cut()


def network_half_open(shop: ProcessShop, step: Step) -> None:
    shop.proxy.half_open()


def network_down(shop: ProcessShop, step: Step) -> None:
    with shop.proxy.down():
        shop.wait(step.lasts)


def network_slow(shop: ProcessShop, step: Step) -> None:
    shop.proxy.delay = 0.2
    try:
        shop.wait(step.lasts)
    finally:
        shop.proxy.delay = 0.0


def answers_lost(shop: ProcessShop, step: Step) -> None:
    _spoil(shop, step, Fault.LOSE_ANSWER)


def answers_swallowed(shop: ProcessShop, step: Step) -> None:
    _spoil(shop, step, Fault.SWALLOW_ANSWER)


def requests_late(shop: ProcessShop, step: Step) -> None:
    """Delay requests one after the other, each by more than the one before: an EndTxn arrives in every state of the
    next transaction.
    """
    try:
        for number in range(int(step.lasts / _LATE_EVERY)):
            shop.proxy.on(ApiKey[step.target], Fault.LATE_REQUEST, later=1 + number % _LATEST)
            shop.wait(_LATE_EVERY)
    finally:
        shop.proxy.heal()


def _spoil(shop: ProcessShop, step: Step, fault: Fault) -> None:
    shop.proxy.on(ApiKey[step.target], fault, times=_EVER)
    try:
        shop.wait(step.lasts)
    finally:
        shop.proxy.heal()


_ALL: tuple[Injection, ...] = (
    *(kill, restart, zombie, replaced, twin, storm),
    *(broker_kill, broker_freeze, disk_full, leader_kill, majority_kill),
    *(network_cut, network_half_open, network_down, network_slow, answers_lost, answers_swallowed),
    requests_late,
    *(outside.mail_down, outside.mail_refuses, outside.mail_slow, outside.mail_silent),
    *(outside.payment_away, outside.payment_answers_lost, outside.sql_away),
    *(outside.poison, outside.unknown_type, outside.oversized, outside.duplicates, outside.early_and_late),
)
INJECTIONS = {one.__name__.replace("_", "-"): one for one in _ALL} | {"broker-freeze-long": broker_freeze}
