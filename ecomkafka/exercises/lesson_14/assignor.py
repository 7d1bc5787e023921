"""An assignor that moves as few partitions as a fair rebalance allows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import mapping
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong

Assignment = dict[str, list[int]]

MEMBERS = "The result has exactly the members that are there now: a member without work has an empty list."
NOBODY = "Every partition has exactly one reader in a group: no partition without one, none with two."
UNFAIR = "The work is not shared: the numbers of partitions of two members may differ by one at most."
MOVED = "It is fair, and more partitions move than have to. Their new owners have to restore them: keep what you can."

CASES: tuple[tuple[Assignment, list[str]], ...] = (
    ({"a": [0, 1], "b": [2, 3]}, ["a", "b", "c"]),
    ({"a": [0, 1], "b": [2], "c": [3]}, ["a", "c"]),
    ({"a": [0], "b": [1, 2, 3]}, ["a", "b", "c"]),
    ({"a": [0, 1, 2, 3, 4, 5, 6]}, ["b", "c"]),
    ({"d": [6, 0], "b": [1, 5], "c": [2, 4], "a": [3]}, ["d", "a", "x", "y", "z"]),
    ({"a": [0], "b": [1], "c": [2]}, ["a", "b", "c", "d"]),
    ({"a": [0, 1, 2], "b": [3, 4, 5], "c": [6, 7, 8]}, ["c", "a"]),
)
"""Who owns what before the rebalance, and the members after it."""


def sticky(owned: Assignment, members: list[str]) -> Assignment:
    """Each member's partitions after the rebalance; `owned` is what each had before, `members` is who is there now."""
    partitions = [number for parts in owned.values() for number in parts]
    small, more = divmod(len(partitions), len(members))
    richest_first = sorted(members, key=lambda name: -len(owned.get(name, [])))
    share = {name: small + (place < more) for place, name in enumerate(richest_first)}
    kept = {name: owned.get(name, [])[: share[name]] for name in members}
    free = [number for number in partitions if not any(number in parts for parts in kept.values())]
    return {name: kept[name] + [free.pop() for _ in range(share[name] - len(kept[name]))] for name in members}


def examine_sticky(answer: Bounded, stage: Stage) -> None:
    for owned, members in CASES:
        said = answer({name: list(parts) for name, parts in owned.items()}, list(members))
        given = mapping(said, "a dict from each member's name to the list of its partitions")
        found = {name: list(parts) if isinstance(parts, Iterable) else [] for name, parts in given.items()}
        least = _moves(owned, sticky(owned, members))
        hint = _unfit(owned, members, found) or (MOVED if _moves(owned, found) > least else "")
        if hint:
            expected = f"a fair assignment to {', '.join(members)} in which {least} move(s), for {owned}"
            raise Wrong(hint, expected, f"{said!r:.90}")


def _unfit(owned: Assignment, members: list[str], found: Mapping[str, list[Any]]) -> str:
    """The hint for what no assignment may be, "" if it may."""
    if set(found) != set(members):
        return MEMBERS
    given = Counter(str(number) for parts in found.values() for number in parts)
    if given != Counter(str(number) for parts in owned.values() for number in parts):
        return NOBODY
    sizes = [len(parts) for parts in found.values()]
    return UNFAIR if max(sizes) - min(sizes) > 1 else ""


def _moves(owned: Assignment, found: Mapping[str, list[Any]]) -> int:
    """How many partitions get another owner."""
    before = {number: name for name, parts in owned.items() for number in parts}
    return sum(before.get(number) != name for name, parts in found.items() for number in parts)


q3 = Question(
    "14.q3",
    examine_sticky,
    sticky,
    "members came and went, every partition had one reader, and none moved that need not.",
)
