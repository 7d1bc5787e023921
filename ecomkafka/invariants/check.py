"""The check of the invariants: its verdict as data and as a table."""

from collections.abc import Iterator, Mapping, Sequence

from ecomkafka.dataframes import DataFrame, dataframe
from ecomkafka.flow import HOPS
from ecomkafka.invariants import INVARIANTS
from ecomkafka.invariants.facts import Facts, Violation
from ecomkafka.invariants.rules.conservation import money_and_goods_move_together
from ecomkafka.invariants.rules.consistency import (
    every_reader_sees_the_same,
    nothing_is_left_over,
    state_equals_the_log,
)
from ecomkafka.invariants.rules.notification_delivery import every_customer_is_told_once

NOT_CHECKED = "not checked: no Witness read along"
OLDER = "not checked: of what is older than this shop,"
TAKEN = "not checked: another shop has taken the namespace, and has books of its own:"
NO_MEMORY = "not checked: what is in memory of"


def check(facts: Facts) -> dict[str, list[Violation]]:
    """The violations of each invariant by its name; an empty list: it holds. One that can't be checked is left out."""
    unknown = every_reader_sees_the_same if facts.witnessed is None else None
    return {invariant.__name__: list(invariant(facts)) for invariant in INVARIANTS if invariant is not unknown}


def unchecked(facts: Facts) -> dict[str, str]:
    """What of an invariant, by its name, these facts say nothing about: all of it, or a part."""
    notes = {}
    if facts.witnessed is None:
        notes[every_reader_sees_the_same.__name__] = NOT_CHECKED
    if any(facts.is_older(record) for record in facts.of("orders.events")):
        notes[money_and_goods_move_together.__name__] = f"{OLDER} whether it was paid"
        notes[every_customer_is_told_once.__name__] = f"{OLDER} whether it was delivered"
    if "order" in facts.taken:
        notes[money_and_goods_move_together.__name__] = f"{TAKEN} whether it was paid"
    if "notification" in facts.taken:
        notes[every_customer_is_told_once.__name__] = f"{TAKEN} whether it was delivered"
    if unknown := [hop.service for hop in HOPS.values() if hop.changelog and hop.service not in facts.live]:
        notes[state_equals_the_log.__name__] = f"{NO_MEMORY} {', '.join(unknown)}"
    if facts.newer:
        notes[nothing_is_left_over.__name__] = "; ".join(_of_newer(facts))
    return notes


def _of_newer(facts: Facts) -> Iterator[str]:
    """What was skipped, and what has to wait, because only a newer version knows its type."""
    for (topic, kind), count in sorted(facts.newer.items()):
        readers = [hop for hop in HOPS.values() if topic in hop.reads]
        skip = [hop.service for hop in readers if topic in hop.may_skip]
        wait = [hop.service for hop in readers if topic not in hop.may_skip]
        said = [f"skipped by {', '.join(skip)}"] if skip else []
        said += [f"in quarantine until a version runs that knows it, by {', '.join(wait)}"] if wait else []
        yield f"{count} × {kind} on {topic}: {'; '.join(said) or 'read by nobody'}"


def as_frame(found: Mapping[str, Sequence[Violation]], notes: Mapping[str, str] | None = None) -> DataFrame:
    """One row an invariant: holds (<NA>: not checked), what it protects, how many violations, the first three of them.

    `notes`: what was not checked, to be told where nothing is broken.
    """
    rows = []
    for invariant in INVARIANTS:
        violations = found.get(invariant.__name__)
        first = "; ".join(f"{who}: {what}" for who, what in (violations or ())[:3])
        first = first or (notes or {}).get(invariant.__name__, "")
        holds = None if violations is None else not violations
        rows.append((invariant.__name__, holds, invariant.__doc__, len(violations or ()), first))
    columns = ["invariant", "holds", "protects", "violations", "first"]
    return dataframe(rows, columns).astype({"holds": "boolean"}).set_index("invariant")
