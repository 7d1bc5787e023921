"""The figures of a row, as Spark gives it: a sum of nothing is null, a conversion of nothing is none."""

from datetime import UTC, datetime
from decimal import Decimal

from ecomkafka.spark.five_minute_windows import figures_of

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def row(start, created, confirmed, cancelled):
    counts = {"created": len(created), "confirmed": len(confirmed), "cancelled": len(cancelled)}
    sums = {"created": sum(created), "confirmed": sum(confirmed), "cancelled": sum(cancelled)}
    return {"start": start, **counts, **{f"{name}_money": money or None for name, money in sums.items()}}


def test_pending_is_what_has_neither_been_confirmed_nor_cancelled():
    start = int(NOON.timestamp())
    price = Decimal("0.1000")
    found = figures_of([row(start + 300, [], [], [price]), row(start, [price] * 3, [price], [price])])
    assert list(found) == [NOON, NOON.replace(minute=5)]
    assert found[NOON]["pending"] == found[NOON]["revenue"] == found[NOON]["lost"] == Decimal("0.1")
    assert found[NOON]["conversion"] == 1 / 3
    late = found[NOON.replace(minute=5)]
    assert (late["revenue"], late["lost"], late["conversion"]) == (0, Decimal("0.1"), None)
