"""Which records of an order were one transaction, and in which sequence the transactions were."""

from collections.abc import Hashable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from ecomkafka.clients.record import Record
from ecomkafka.flow import CODECS

Transaction = list[Record]


def transactions(records: Sequence[Record]) -> list[Transaction]:
    """The records by transaction; in each by topic and partition, those with the smallest key first, and by offset: as
    in `shop.trace`. A transaction comes after those of its
    causes, and the records of one partition come in the sequence of their offsets.

    With version 2 of the protocol (KIP-890) every transaction has an epoch of its own, so producer id and epoch name
    it. With version 1 many have the same; then what one record caused is taken for one transaction.
    """
    causes = {str(record.position): record.header("causation") or "" for record in records}
    groups: dict[Hashable, Transaction] = {}
    for record in records:
        groups.setdefault(record.producer or _cause_and_topics(record), []).append(record)
    found: list[Transaction] = []
    for group in groups.values():
        found += _by_cause(group) if _causes_itself(group, causes) else [group]
    return _in_sequence([_as_traced(group) for group in found])


def _as_traced(group: Transaction) -> Transaction:
    topics = list(CODECS)
    first: dict[tuple[str, int], bytes] = {}
    for record in group:
        key, place = record.key or b"", (record.topic, record.partition)
        first[place] = min(first.get(place, key), key)
    return sorted(group, key=lambda r: (topics.index(r.topic), first[r.topic, r.partition], *r.position[1:]))


def _cause_and_topics(record: Record) -> Hashable:
    """A record without a producer id was written outside of a transaction."""
    return record.header("causation") or record.position


def _causes_itself(group: Transaction, causes: dict[str, str]) -> bool:
    """Whether a record of the group was caused, at whatever distance, by another one: no transaction does that."""
    own = {str(record.position) for record in group}
    for place in own:
        seen = {place}
        while (place := causes.get(place, "")) and place not in seen:
            if place in own:
                return True
            seen.add(place)
    return False


def _by_cause(group: Transaction) -> list[Transaction]:
    parts: dict[str, Transaction] = {}
    for record in group:
        parts.setdefault(record.header("causation") or "", []).append(record)
    return list(parts.values())


def _in_sequence(groups: list[Transaction]) -> list[Transaction]:
    """By time, and never against a cause or an offset: clocks of different machines may disagree."""
    number_of = {str(record.position): number for number, group in enumerate(groups) for record in group}
    before: dict[int, set[int]] = {number: set() for number in range(len(groups))}
    for number, group in enumerate(groups):
        before[number] |= {number_of[c] for r in group if (c := r.header("causation")) in number_of}
    placed = sorted((r.topic, r.partition, r.offset, number_of[str(r.position)]) for group in groups for r in group)
    for earlier, later in pairwise(placed):
        if earlier[:2] == later[:2]:
            before[later[3]].add(earlier[3])
    for number, others in before.items():
        others.discard(number)
    by_time = sorted(range(len(groups)), key=lambda number: _written(groups[number]))
    try:
        return [groups[number] for number in _sorted(before, by_time)]
    except CycleError:  # two transactions that ran side by side on two partitions
        return [groups[number] for number in by_time]


def _sorted(before: dict[int, set[int]], preferred: list[int]) -> list[int]:
    """Each number after those before it; of those that may come next, the first in `preferred`."""
    sorter = TopologicalSorter(before)
    sorter.prepare()
    done: list[int] = []
    ready: list[int] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=preferred.index)
        done.append(ready.pop(0))
        sorter.done(done[-1])
    return done


def _written(group: Transaction) -> int:
    return min(record.timestamp for record in group)
