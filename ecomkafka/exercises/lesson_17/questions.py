"""Seeing inside: the lag, the age of the oldest open order, and a percentile of many programs."""

from collections.abc import Sequence
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_17.stage import (
    BOUNDS,
    EVENTS,
    PLACES,
    Buckets,
    Place,
    day,
    group_at,
    histogram,
    ms,
    observed,
)


def number(found: Any, wanted: str) -> float:
    """Raises Wrong for what is no number."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Wrong(f"Return {wanted}.", wanted, f"{found!r:.80}")
    return found


# --- q1: the lag

NEVER = "Where a group has committed nothing yet, everything that is there is still to be handled."
DELETED = "The records before `first` are gone. Nobody waits for what retention has deleted."
NEXT = "The committed offset is that of the next record to handle, and `end` that of the next one to be written."


def lag(committed: int | None, first: int, end: int) -> int:
    """How many offsets the group has still to handle in this partition."""
    if committed is None:
        return end - first
    return end - max(committed, first)


def examine_lag(answer: Bounded, stage: Stage) -> None:
    for place in (*PLACES, Place(10, 0, 10), Place(0, 0, 0), Place(None, 0, 0), Place(3, 8, 8)):
        _same_lag(place, number(answer(*place), "a number of records"), lag(*place))
    stage.create(EVENTS)
    with group_at(stage, EVENTS, PLACES) as got:
        for partition, place in enumerate(PLACES):
            _same_lag(place, answer(*place), got[partition])


def _same_lag(place: Place, said: float, right: int) -> None:
    if said != right:
        hint = NEVER if place.committed is None else DELETED if place.committed < place.first else NEXT
        raise Wrong(hint, f"{right} for {place.committed}, {place.first}, {place.end}", f"{said!r:.40}")


q1 = Question(
    "17.q1", examine_lag, lag, "a consumer of a real group read on, and got just as many records as you said."
)

# --- q2: the age of the oldest open order

ENDED = "That order has ended: its customer does not wait any more."
CANCELLED = "A cancelled order has ended as well, with another answer."
OLDEST = "Several orders are open. The question is who has waited longest."
SECONDS = "`timestamp` and `now` are milliseconds, and the answer is in seconds."
NOBODY = "When no order is open, nobody waits: the age is 0."

LIVES = {
    "ann": (("C", 0.0), ("O", 1.0)),
    "ben": (("C", 2.0), ("X", 32.0)),
    "cara": (("C", 20.0),),
    "dan": (("C", 30.0),),
    "eva": (("C", 31.0), ("O", 39.0)),
}


def oldest(records: list[Any], now: int) -> float:
    """For how many seconds the customer has waited who has waited longest."""
    opened: dict[str, int] = {}
    for record in records:
        if record.message.type == "ORDER_CREATED":
            opened[record.message.order_id] = record.timestamp
        else:
            opened.pop(record.message.order_id, None)
    return max(((now - since) / 1_000 for since in opened.values()), default=0.0)


def examine_oldest(answer: Bounded, stage: Stage) -> None:
    stage.create(EVENTS)
    records = day(stage, LIVES)
    now = ms(40.0)
    ended = [record for record in records if record.message.order_id not in ("cara", "dan")]
    for seen in (records, [r for r in records if r.message.order_id != "ben"], ended, []):
        said, right = number(answer(list(seen), now), "a number of seconds"), oldest(seen, now)
        if abs(said - right) > 0.001:
            expected = f"{right:g} s at second 40"
            raise Wrong(_why_not(said, right), expected, f"{said:g}", _oldest_open(seen))


def _why_not(said: float, right: float) -> str:
    if abs(said - 1_000 * right) < 1 and right:
        return SECONDS
    if right == 0:
        return NOBODY
    if abs(said - 38.0) < 0.001:
        return CANCELLED
    return ENDED if said > right else OLDEST


def _oldest_open(records: Sequence[Record]) -> str:
    return next((str(r.position) for r in records if r.message.order_id == "cara"), "")


q2 = Question("17.q2", examine_oldest, oldest, "your number rises while somebody waits, and is 0 when nobody does.")

# --- q3: a percentile of many programs

OF_PERCENTILES = "A mean of percentiles is no percentile: it does not know how many orders each program had."
THE_WORST = "The slowest program does not speak for all: it may have had three orders. Add the buckets first."
CUMULATIVE = (
    "The buckets are cumulative: what took at most 0.1 s is in the bucket of 0.5 s, too. The last one counts all."
)
AT_LEAST = "Exactly that share is enough: the first bound with *at least* so many of all."


def quantile(histograms: list[dict[float, int]], share: float) -> float:
    """The smallest bound that at least this share of all orders did not exceed."""
    total = {bound: sum(one[bound] for one in histograms) for bound in histograms[0]}
    enough = share * max(total.values())
    return min(bound for bound, count in total.items() if count >= enough)


def examine_quantile(answer: Bounded, stage: Stage) -> None:
    even = [[0.05] * 9 + [0.7], [0.05] * 9 + [0.7]]
    for programs, share in ((even, 0.9), *((observed(seed), share) for seed in range(8) for share in (0.5, 0.95))):
        histograms = [histogram(seconds) for seconds in programs]
        every = [value for seconds in programs for value in seconds]
        said = number(answer([dict(one) for one in histograms], share), "one of the bounds")
        right = next(bound for bound, count in histogram(every).items() if count >= share * len(every))
        if said != right:
            expected = f"{right} s for {share:.0%} of {len(every)} orders"
            raise Wrong(_why_other(said, histograms, share, right), expected, f"{said}")


def _why_other(said: float, histograms: Sequence[Buckets], share: float, right: float) -> str:
    each = [quantile([one], share) for one in histograms]
    sums = {bound: sum(one[bound] for one in histograms) for bound in BOUNDS}
    if share * max(sums.values()) == sums[right]:
        return AT_LEAST
    if said not in BOUNDS or abs(said - sum(each) / len(each)) < 1e-9:
        return OF_PERCENTILES
    return THE_WORST if said == max(each) else CUMULATIVE


q3 = Question(
    "17.q3",
    examine_quantile,
    quantile,
    "the observations themselves gave the same bounds, and your code never saw them.",
)
