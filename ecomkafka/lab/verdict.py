"""Whether the invariants hold, as data and as a table."""

import pandas as pd

from ecomkafka.lab.agreement import every_reader_sees_the_same
from ecomkafka.lab.facts import Facts, Violation
from ecomkafka.lab.invariants import INVARIANTS

NOT_CHECKED = "not checked: no Witness read along"


def check(facts: Facts) -> dict[str, list[Violation]]:
    """The violations of each invariant by its name; an empty list: it holds. One that can't be checked is left out."""
    unknown = every_reader_sees_the_same if facts.witnessed is None else None
    return {invariant.__name__: list(invariant(facts)) for invariant in INVARIANTS if invariant is not unknown}


def as_frame(found: dict[str, list[Violation]], shown: int = 3) -> pd.DataFrame:
    """One row an invariant: holds (<NA>: not checked), what it protects, how many violations, the first of them."""
    rows = []
    for invariant in INVARIANTS:
        violations = found.get(invariant.__name__)
        holds = pd.NA if violations is None else not violations
        first = NOT_CHECKED if violations is None else "; ".join(f"{who}: {what}" for who, what in violations[:shown])
        rows.append((invariant.__name__, holds, invariant.__doc__, len(violations or ()), first))
    columns = ["invariant", "holds", "protects", "violations", "first"]
    return pd.DataFrame(rows, columns=columns).astype({"holds": "boolean"}).set_index("invariant")
