"""The same order with an orchestrator and without: who says what to whom. Lesson 06 draws both.

`ORCHESTRATED` is this shop, its payment gateway a participant like the others. `CHOREOGRAPHED` is how the same services
would do it if each reacted to the others' events (Richardson, "Microservices Patterns", 4.2).
"""

from typing import NamedTuple

import pandas as pd


class Arrow(NamedTuple):
    """What one says to another: records in capital letters, calls in small ones."""

    sender: str
    receiver: str
    says: str


ORCHESTRATED = (
    Arrow("client", "order", "ORDER_CREATED"),
    Arrow("client", "inventory", "RESERVE"),
    Arrow("inventory", "order", "RESERVED, RELEASED,\nINSUFFICIENT_STOCK"),
    Arrow("order", "payment", "charge or void"),
    Arrow("payment", "order", "approved or declined"),
    Arrow("order", "inventory", "DEDUCT or RELEASE"),
    Arrow("order", "notification", "SEND_NOTIFICATION"),
)

CHOREOGRAPHED = (
    Arrow("client", "inventory", "ORDER_CREATED"),
    Arrow("client", "payment", "ORDER_CREATED"),
    Arrow("client", "notification", "ORDER_CREATED"),
    Arrow("inventory", "inventory", "INSUFFICIENT_\nSTOCK"),
    Arrow("inventory", "payment", "STOCK_RESERVED or\nINSUFFICIENT_STOCK"),
    Arrow("inventory", "notification", "INSUFFICIENT_STOCK"),
    Arrow("payment", "inventory", "PAID or DECLINED"),
    Arrow("payment", "notification", "PAID or DECLINED"),
)
"""Everybody reads the order: its goods, its total and its warehouses, its customer. A warehouse also has to hear of
another one's refusal."""

RULES = {
    "orchestrated": {"order": "waits for all answers,\nreleases, has the deadline"},
    "choreographed": {
        "inventory": "releases after any refusal,\nalso another warehouse's;\nthe first is the order's end",
        "payment": "waits for all warehouses;\nits answer is the order's end",
        "notification": "two refusals: one mail",
    },
}
"""By way: which service has to know which of the saga's rules."""


def arrows() -> pd.DataFrame:
    """One row per arrow: way, from, to, says."""
    rows = [(way, *arrow) for way, each in WAYS.items() for arrow in each]
    return pd.DataFrame(rows, columns=["way", "from", "to", "says"])


WAYS = {"orchestrated": ORCHESTRATED, "choreographed": CHOREOGRAPHED}
