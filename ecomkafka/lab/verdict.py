"""Whether the invariants hold, as data and as a table."""

import pandas as pd

from ecomkafka.lab.facts import Facts, Violation
from ecomkafka.lab.invariants import INVARIANTS


def check(facts: Facts) -> dict[str, list[Violation]]:
    """The violations of each invariant by its name; an empty list: it holds."""
    return {invariant.__name__: list(invariant(facts)) for invariant in INVARIANTS}


def as_frame(found: dict[str, list[Violation]], shown: int = 3) -> pd.DataFrame:
    """One row an invariant: holds, what it protects, how many violations and the first of them."""
    sentences = {invariant.__name__: str(invariant.__doc__) for invariant in INVARIANTS}
    rows = [
        (
            name,
            not violations,
            sentences[name],
            len(violations),
            "; ".join(f"{who}: {what}" for who, what in violations[:shown]),
        )
        for name, violations in found.items()
    ]
    return pd.DataFrame(rows, columns=["invariant", "holds", "protects", "violations", "first"]).set_index("invariant")
