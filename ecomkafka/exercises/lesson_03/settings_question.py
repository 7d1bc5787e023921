"""Choose the settings of a topic so that no acknowledged order is lost and orders are still taken."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import mapping
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong

WANTED = 'None, or a dict with "replication_factor", "min_insync_replicas", "acks" and "unclean"'
NAMES = ("replication_factor", "min_insync_replicas", "acks", "unclean")

ACKS = "An acknowledgement by the leader alone is worth one copy: the record can die with the leader."
UNCLEAN = "An unclean election lets a replica lead that lacks acknowledged records: all others then throw these away."
LOST = "All replicas that were in sync can die, and with them an acknowledged order. How many copies must there be?"
STOPS = "When so many brokers are dead, fewer replicas are left than the minimum: no order is taken any more."
TOO_MANY = "A broker holds at most one replica of a partition: there can't be more replicas than brokers."
POSSIBLE = "That is possible: find settings with which both promises hold."
IMPOSSIBLE = "No settings keep both promises here. Then the answer is None."

CASES = ((3, 1), (5, 2), (1, 0), (3, 2), (4, 1), (5, 3), (2, 1), (7, 3), (6, 2))


def settings(brokers: int, dead: int) -> dict[str, Any] | None:
    """Settings with which any `dead` brokers may die: nothing acknowledged is lost, and orders are taken. Or None."""
    if 2 * dead + 1 > brokers:
        return None
    return {"replication_factor": 2 * dead + 1, "min_insync_replicas": dead + 1, "acks": "all", "unclean": False}


def examine_settings(answer: Bounded, stage: Stage) -> None:
    for brokers, dead in CASES:
        said, possible = answer(brokers, dead), settings(brokers, dead) is not None
        case = f"{brokers} brokers, of which any {dead} may die"
        if said is None or not possible:
            if (said is None) is possible:
                raise Wrong(POSSIBLE if possible else IMPOSSIBLE, f"settings for {case}" if possible else "None", said)
            continue
        given = mapping(said, WANTED)
        if set(given) != set(NAMES):
            raise Wrong(f"Return {WANTED}.", ", ".join(NAMES), ", ".join(map(str, given)))
        if hint := _broken(brokers, dead, given):
            raise Wrong(hint, f"both promises hold for {case}", f"{given!r:.120}")


def _broken(brokers: int, dead: int, given: dict[str, Any]) -> str:
    """The hint for what can go wrong with these settings; "" if nothing can."""
    replicas, minimum = given["replication_factor"], given["min_insync_replicas"]
    if not 1 <= replicas <= brokers:
        return TOO_MANY
    if dead and given["acks"] != "all":
        return ACKS
    if dead and given["unclean"]:
        return UNCLEAN
    if any(set(in_sync) <= set(killed) for in_sync, killed in _worst(brokers, replicas, minimum, dead)):
        return LOST
    return STOPS if replicas - dead < minimum else ""


def _worst(brokers: int, replicas: int, minimum: int, dead: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every smallest set of replicas that an acknowledged record can be on, with every set of brokers that can die."""
    for in_sync in combinations(range(replicas), max(1, min(minimum, replicas))):
        for killed in combinations(range(brokers), dead):
            yield in_sync, killed


q4 = Question(
    "03.q4",
    examine_settings,
    settings,
    "whichever brokers die, no acknowledged order is lost and orders are taken; and you know when that can't be had.",
)
