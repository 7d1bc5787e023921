"""Cycles in a graph: a way that never ends, because it comes back to where it was."""

from collections.abc import Sequence


def cycle_in(nexts: Sequence[Sequence[int]]) -> list[int]:
    """The numbers along one cycle, the smallest first; none if there is no cycle. `nexts`: the ways on from each."""
    left = _without_dead_ends(nexts)
    if not left:
        return []
    way = [min(left)]
    places = {way[0]: 0}
    while (following := next(there for there in nexts[way[-1]] if there in left)) not in places:
        places[following] = len(way)
        way.append(following)
    cycle = way[places[following] :]
    first = cycle.index(min(cycle))
    return cycle[first:] + cycle[:first]


def _without_dead_ends(nexts: Sequence[Sequence[int]]) -> set[int]:
    """What has no way on is taken away, again and again: what is left is on a cycle or leads to one."""
    ways = list(map(len, nexts))
    before: list[list[int]] = [[] for _ in nexts]
    for here, there_are in enumerate(nexts):
        for there in there_are:
            before[there].append(here)
    dead_ends = [here for here, count in enumerate(ways) if not count]
    for there in dead_ends:  # it grows meanwhile
        for here in before[there]:
            ways[here] -= 1
            if not ways[here]:
                dead_ends.append(here)
    return {here for here, count in enumerate(ways) if count}
