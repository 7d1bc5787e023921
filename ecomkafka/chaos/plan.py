"""The plan of a chaos run: what goes wrong and when, derived from a seed alone, so that a run can be repeated."""

from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

ORDER_PATH = ("order-0", "order-1", "inventory-0", "inventory-1")
SERVICES = (*ORDER_PATH, "notification-0", "analytics-0", "read-model-0")
"""The processes of a chaos run: service and instance."""

GATEWAY = "gateway-0"
"""One more, where customers order by HTTP."""

TOPICS = ("orders.events", "inventory.requests", "inventory.responses", "notifications.requests")

NODES = ("node-1", "node-2", "node-3")

FIRST_AT = 4.0
"""Seconds until the first fault; the time before it is for comparison."""

LONG_PAUSE = (16.0, 18.0)
"""Longer than a recovery may take, so that one that takes longer is seen for itself, and is not the next fault's."""


@dataclass(frozen=True)
class Fault:
    """`seconds`: how long it lasts, from and to; `brokers`: the smallest cluster it makes sense in."""

    name: str
    targets: tuple[str, ...]
    seconds: tuple[float, float] = (0.0, 0.0)
    brokers: int = 1


INSIDE = (
    Fault("kill", SERVICES, (0.0, 1.0)),
    Fault("restart", SERVICES),
    Fault("zombie", ORDER_PATH, (12.0, 14.0)),  # longer than a transaction and a session may last
    Fault("replaced", ORDER_PATH, (4.0, 6.0)),  # frozen, and back when another process has its name
    Fault("twin", ORDER_PATH, (3.0, 5.0)),
    Fault("storm", ("order", "inventory"), (6.0, 9.0)),
    Fault("broker-kill", NODES, (0.0, 1.0)),
    Fault("broker-freeze", NODES, (1.0, 3.0)),
    Fault("broker-freeze-long", NODES, (6.0, 9.0)),  # longer than a request may take
    Fault("disk-full", NODES, (2.0, 4.0)),
    *(Fault("leader-kill", (topic,), (2.0, 5.0), brokers=3) for topic in TOPICS),  # each in turn
    Fault("majority-kill", NODES, (4.0, 6.0), brokers=3),
    Fault("network-cut", ("all",)),
    Fault("network-half-open", ("all",)),
    Fault("network-down", ("all",), (2.0, 5.0)),
    Fault("network-slow", ("all",), (3.0, 6.0)),
    Fault("answers-lost", ("EndTxn", "Produce", "TxnOffsetCommit", "Fetch"), (3.0, 5.0)),
    Fault("answers-swallowed", ("EndTxn", "Produce", "TxnOffsetCommit"), (3.0, 5.0)),
    Fault("requests-late", ("EndTxn", "Produce", "TxnOffsetCommit", "InitProducerId"), (3.0, 5.0)),
)
"""Faults of processes, brokers and the network: one after the other, each with time to recover."""

AT_THE_GATEWAY = (
    Fault("kill", (GATEWAY,), (0.0, 1.0)),
    Fault("restart", (GATEWAY,)),
    Fault("zombie", (GATEWAY,), (12.0, 14.0)),
)
"""Are among those inside where customers order at the gateway."""

OUTSIDE = (
    Fault("mail-down", ("mail",), (3.0, 7.0)),
    Fault("mail-refuses", ("mail",), (4.0, 8.0)),
    Fault("mail-slow", ("mail",), (3.0, 6.0)),
    Fault("mail-silent", ("mail",), (3.0, 6.0)),
    Fault("payment-away", ("ledger",), (3.0, 5.0)),
    Fault("payment-answers-lost", ("ledger",), (3.0, 6.0)),
    Fault("sql-away", ("sql",), (4.0, 7.0)),
    Fault("poison", TOPICS),
    Fault("unknown-type", TOPICS),
    Fault("oversized", TOPICS),
    Fault("duplicates", TOPICS),
    Fault("early-and-late", ("orders.events",)),
)
"""Faults outside Kafka and in the data, while those inside happen."""

STOPS_ORDERS = {fault.name for fault in INSIDE} | {"payment-away", "payment-answers-lost"}
"""While one of these is under way no order need flow; the others may not keep any order waiting."""

SURVIVED = {"leader-kill"}
"""Faults that the cluster survives: orders flow again while the fault lasts."""


class Step(NamedTuple):
    """Seconds since the start."""

    at: float
    fault: str
    target: str
    lasts: float


def make_plan(seconds: float, seed: int, brokers: int = 1, gateway: bool = False) -> tuple[Step, ...]:
    """The faults of a run in sequence; the last one ends before `seconds` are over. `gateway`: it is struck as well.

    None comes a second time before every other one of its kind has had its turn. If there is time for it, the first
    turn of each one inside is followed by a long pause.
    """
    random = Random(f"{seed}/{brokers}")
    inside_faults = (*INSIDE, *AT_THE_GATEWAY) if gateway else INSIDE
    possible = [_in_cluster(fault, brokers) for fault in inside_faults if fault.brokers <= brokers]
    needed = FIRST_AT + sum(fault.seconds[1] + LONG_PAUSE[1] for fault in possible)
    inside = _track(random, possible, seconds, (4.0, 6.0), LONG_PAUSE if needed <= seconds else (4.0, 6.0))
    outside = _track(random, list(OUTSIDE), seconds, (2.0, 4.0), (2.0, 4.0))
    return tuple(sorted(inside + outside))


def _in_cluster(fault: Fault, brokers: int) -> Fault:
    return replace(fault, targets=NODES[:brokers]) if fault.targets == NODES else fault


def _track(
    random: Random, faults: list[Fault], seconds: float, pause: tuple[float, float], first: tuple[float, float]
) -> list[Step]:
    """One fault after the other, with a pause after each: `first` in the first turn of all."""
    steps: list[Step] = []
    deck: list[Fault] = []
    at = FIRST_AT
    while True:
        if not deck:
            deck = random.sample(faults, len(faults))
        fault = deck.pop()
        step = Step(round(at, 1), fault.name, random.choice(fault.targets), round(random.uniform(*fault.seconds), 1))
        if step.at + step.lasts > seconds:
            return steps
        steps.append(step)
        at = step.at + step.lasts + random.uniform(*(first if len(steps) <= len(faults) else pause))
