"""What messages are made of: ids, units, money, lists that grow, and the base of every message."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Context, Decimal, localcontext
from enum import StrEnum
from typing import Annotated, Self

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(min_length=1, max_length=100)]
LongId = Annotated[str, Meta(min_length=1, max_length=150)]
"""Made of an Id and what it is about."""

MAX_UNITS = 1_000_000_000
Positive = Annotated[int, Meta(gt=0, le=MAX_UNITS)]
NotNegative = Annotated[int, Meta(ge=0)]
Utc = Annotated[datetime, Meta(tz=True)]
Currency = Annotated[str, Meta(min_length=3, max_length=3, pattern="^[A-Z]{3}$")]  # ISO 4217


_SMALLEST = Decimal("0.0001")
MAX_MONEY = Decimal(10) ** 14
"""A cap keeps every sum exact: Decimal has 28 digits, a column of SQL 18."""
EXACT = Context(prec=28)
"""Python's default; whoever calls may have chosen another one for sums of their own."""


@contextmanager
def exactly() -> Iterator[None]:
    """Money is added up in EXACT: a decorator of what a cell calls. Threads have Python's default anyway."""
    with localcontext(EXACT):
        yield


def check_money(name: str, amount: Decimal) -> None:
    """Raise ValueError unless `amount` is from 0 to MAX_MONEY with at most 4 decimals: JSON's "NaN" and "9E+99" are
    Decimals.
    """
    if not amount.is_finite() or not 0 <= amount <= MAX_MONEY or amount != amount.quantize(_SMALLEST, context=EXACT):
        raise ValueError(f"{name} is {amount!s:.80}: an amount from 0 to 1E+14 with at most 4 decimals is allowed")


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A thing that is only what it holds: compared by its fields, never changed, in no cycle of references (`gc`).

    A field that it does not know is passed over where one is decoded: a newer version may have written it.
    """


def _tag(class_name: str) -> str:
    """OrderCreated -> ORDER_CREATED."""
    return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(class_name)).upper()


class Message(Value, frozen=True, kw_only=True, tag_field="type", tag=_tag):
    """What a topic carries. Commands are imperatives, events are past tense."""

    at: Utc

    @property
    def type(self) -> str:
        return str(type(self).__struct_config__.tag)


MEMBER = "[A-Z][A-Z0-9_]{0,49}"  # of a list, also one that only a newer version knows


class OpenEnum(StrEnum):
    """A list that newer versions make longer: a member that this version does not know keeps its name."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str) or not re.fullmatch(MEMBER, value):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        return self.name in type(self).__members__
