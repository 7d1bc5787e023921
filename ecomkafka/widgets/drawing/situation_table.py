"""A situation of the saga explorer as tables: each warehouse, the order, and what the saga knows."""

from collections.abc import Sequence
from typing import Any

from ecomkafka.model_checking.situation import Situation
from ecomkafka.widgets.drawing.markup import table

_HIDDEN = ("order", "deadline")
"""Long, and the same all the time."""


def situation_table(names: Sequence[str], now: Situation) -> str:
    warehouses = [
        (name, each.goods or "nothing yet", ", ".join(each.in_flight))
        for name, each in zip(names, now.warehouses, strict=True)
    ]
    office = now.office
    ends = ", ".join(f"{end} {reason or ''}".strip() for end, reason in office.ends)
    order = [
        ("end", ends or "none yet"),
        ("payment", office.payment or "none yet"),
        ("on the way", ", ".join(office.in_flight)),
        ("error", office.error),
    ]
    return (
        table("Warehouses", ("warehouse", "the order's goods", "on the way"), warehouses)
        + table("Order", ("", ""), [row for row in order if row[1]])
        + table("What the saga knows", ("", ""), known(now.state))
    )


def known(state: Any) -> list[tuple[str, str]]:
    """The fields of the rule's state that say something; a state without fields as it is."""
    names = getattr(state, "__struct_fields__", getattr(state, "_fields", None))
    if names is None:
        return [("state", f"{state!r:.200}")]
    fields = [(name, getattr(state, name)) for name in names if name not in _HIDDEN]
    return [(name, _plain(value)) for name, value in fields if value or value == 0]


def _plain(value: Any) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
