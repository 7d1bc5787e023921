"""Replication: how far readers may read, who leads next, and what a producer is told."""

from itertools import product
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong

# --- q1: the high watermark

SLOW = "A replica that has fallen out of sync holds nobody back: only those in sync decide."
FAST = "A record that is not on every replica in sync may still be lost: readers are not given it."

Ends = dict[int, int]


def high_watermark(ends: Ends, in_sync: set[int]) -> int:
    """The offset before which consumers may read; `ends`: of each broker the offset after its last record."""
    return min(ends[broker] for broker in in_sync)


LOGS: tuple[tuple[Ends, set[int]], ...] = (
    ({1: 9, 2: 9, 3: 9}, {1, 2, 3}),
    ({1: 9, 2: 7, 3: 8}, {1, 2, 3}),
    ({1: 9, 2: 7, 3: 2}, {1, 2}),
    ({1: 9, 2: 7, 3: 2}, {1}),
    ({4: 0, 2: 5, 3: 6}, {3, 2}),
)


def examine_high_watermark(answer: Bounded, stage: Stage) -> None:
    for ends, in_sync in LOGS:
        found, right = answer(dict(ends), set(in_sync)), high_watermark(ends, in_sync)
        if found != right:
            hint = SLOW if isinstance(found, int) and found < right else FAST
            raise Wrong(hint, f"{right} for {ends}, in sync {in_sync}", f"{found!r:.60}")


q1 = Question(
    "03.q1",
    examine_high_watermark,
    high_watermark,
    "readers get what every replica in sync has, and nothing that may go.",
)

# --- q2: who leads next

NOT_IN_SYNC = "That replica was not in sync: acknowledged records may be missing in it."
DEAD = "That broker is dead."
LEADER_STAYS = "The leader is alive and in sync: nothing has to be elected."
NOBODY = "A replica may lead here: one that is alive and in sync, or any that lives, if an unclean election is allowed."
NO_LEADER = "No replica in sync is alive, and an unclean election is not allowed: the partition waits. That is None."
FIRST = "Several may lead: Kafka takes the first of them in the partition's list of replicas."


def elect(replicas: list[int], leader: int, in_sync: set[int], dead: set[int], unclean: bool) -> int | None:
    """The partition's leader after the brokers in `dead` have died, or None; `replicas` is Kafka's list of them."""
    alive = [broker for broker in replicas if broker not in dead]
    safe = [broker for broker in alive if broker in in_sync]
    if leader in safe:
        return leader
    if safe:
        return safe[0]
    return alive[0] if alive and unclean else None


ELECTIONS: tuple[tuple[list[int], int, set[int], set[int], bool], ...] = (
    ([1, 2, 3], 1, {1, 2, 3}, {3}, False),
    ([1, 2, 3], 1, {1, 2, 3}, {1}, False),
    ([3, 1, 2], 3, {1, 2, 3}, {3}, False),
    ([1, 2, 3], 2, {1, 2, 3}, {3}, False),
    ([1, 2, 3], 1, {1, 3}, {1}, False),
    ([1, 2, 3], 1, {1}, {1}, False),
    ([1, 2, 3], 1, {1}, {1}, True),
    ([1, 2, 3], 1, {1, 2, 3}, {1, 2, 3}, True),
    ([2, 3, 1], 3, {3, 1}, {3}, True),
)


def examine_elect(answer: Bounded, stage: Stage) -> None:
    for replicas, leader, in_sync, dead, unclean in ELECTIONS:
        found = answer(list(replicas), leader, set(in_sync), set(dead), unclean)
        right = elect(replicas, leader, in_sync, dead, unclean)
        if found != right:
            case = f"replicas {replicas}, leader {leader}, in sync {in_sync}, dead {dead}, unclean {unclean}"
            raise Wrong(_why_not(found, right, leader, in_sync, dead), f"{right} for {case}", f"{found!r:.60}")


def _why_not(found: Any, right: int | None, leader: int, in_sync: set[int], dead: set[int]) -> str:
    if right is None:
        return DEAD if found in dead else NO_LEADER
    if found is None:
        return NOBODY
    if found in dead:
        return DEAD
    if right == leader:
        return LEADER_STAYS
    return NOT_IN_SYNC if right in in_sync and found not in in_sync else FIRST


q2 = Question(
    "03.q2", examine_elect, elect, "nine times brokers died, and each time you named the leader, or its absence."
)

# --- q3: what a producer is told

ONLY_ALL = (
    '`min.insync.replicas` is looked at for `acks="all"` alone: with 1 the leader answers as soon as it has the record.'
)
TOO_FEW = 'With `acks="all"` and fewer replicas in sync than the minimum the leader refuses the record.'
SILENT = "With `acks=0` the broker sends no answer: the producer learns nothing, neither of success nor of failure."
ENOUGH = "Enough replicas are in sync: the record is taken."


def told(acks: int | str, minimum: int, in_sync: int) -> str:
    """What the producer is told: "acknowledged", "refused" or "no answer"; `in_sync`: how many, with the leader."""
    if acks == 0:
        return "no answer"
    return "refused" if acks == "all" and in_sync < minimum else "acknowledged"


ACKS: tuple[int | str, ...] = (1, "all", 0)


def examine_told(answer: Bounded, stage: Stage) -> None:
    for acks, minimum, number in product(ACKS, (1, 2, 3), (1, 2, 3)):
        found, right = answer(acks, minimum, number), told(acks, minimum, number)
        if found != right:
            hint = SILENT if acks == 0 else ONLY_ALL if acks == 1 else TOO_FEW if right == "refused" else ENOUGH
            about = f"{right} for acks={acks!r}, min.insync.replicas={minimum}, {number} in sync"
            raise Wrong(hint, about, f"{found!r:.60}")


q3 = Question("03.q3", examine_told, told, "in all 27 cases you know what the producer is told.")
