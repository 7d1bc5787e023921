"""What never came: a topology that says it, and the same by hand with a state that does not grow."""

from datetime import datetime
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import pairs
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_13.stage import CONFIRMED, ELEVEN, TEN, Arrival, arrivals, at, clock
from ecomkafka.streams import driver, start_java

# --- q4: a topology

NOTHING = (
    "An order without a mail should come out, and did not. An inner join knows only pairs; what keeps the left side?"
)
ANSWERED = "That order has its mail within ten minutes. A left join gives a row for it too: filter."
TOO_EARLY = "Its ten minutes and the minute of grace were not over yet: the mail could still come."


def unanswered(builder: Any) -> None:
    """From the topics "confirmed" and "mails" to "unanswered": the orders without a mail within ten minutes."""
    from java.lang import String
    from java.time import Duration
    from org.apache.kafka.streams.kstream import JoinWindows

    window = JoinWindows.ofTimeDifferenceAndGrace(Duration.ofMinutes(10), Duration.ofMinutes(1))
    orders, mails = builder.stream("confirmed"), builder.stream("mails")
    rows = orders.leftJoin(mails, lambda order, mail: String("mail" if mail else "no mail"), window)
    rows.filter(lambda order, row: str(row) == "no mail").to("unanswered")


_STORY = (
    ("confirmed", "A", 0), ("mails", "A", 1), ("mails", "B", 1), ("confirmed", "B", 2), ("confirmed", "C", 3),
    ("confirmed", "D", 6), ("confirmed", "E", 14), ("mails", "E", 15), ("confirmed", "F", 21), ("mails", "F", 29),
)  # fmt: skip
_OVER = {"C": 14, "D": 17}
"""The orders without a mail in time, and the minute after which each is decided."""


def examine_unanswered(answer: Bounded, stage: Stage) -> None:
    start_java()
    from org.apache.kafka.streams import StreamsBuilder

    builder = StreamsBuilder()
    answer(builder)
    plan = builder.build()
    description = str(plan.describe())
    for topic in ("confirmed", "mails", "unanswered"):
        if topic not in description:
            raise Wrong(NOTHING, f"a topology with the topic {topic}", " ".join(description.split())[:80])
    out: list[tuple[str, int]] = [(order, minute) for minute, rows in answer.call(_played, plan) for order in rows]
    for order, minute in out:
        if order not in _OVER:
            raise Wrong(ANSWERED, f"nothing of order {order}", f"{order} after the record of minute {minute}", order)
        if minute <= _OVER[order]:
            raise Wrong(TOO_EARLY, f"{order} after minute {_OVER[order]}", f"at minute {minute}", order)
    if sorted(order for order, _ in out) != sorted(_OVER):
        found = ", ".join(order for order, _ in out) or "nothing"
        raise Wrong(NOTHING, f"{' and '.join(_OVER)}, once each", found, "unanswered")


def _played(plan: Any) -> list[tuple[int, list[str]]]:
    """The orders that come out after the record of each minute."""
    rows = []
    with driver(plan) as test:
        for topic, order, minute in _STORY:
            test.pipe(topic, order, f"{topic} {order}", at(minute))
            rows.append((minute, [key for key, _value, _at in test.read("unanswered")]))
    return rows


q4 = Question(
    "13.q4",
    examine_unanswered,
    unanswered,
    "Kafka's own test driver: exactly the two orders without a mail came out, each when its time was over.",
    seconds=20.0,
)

# --- q5: by hand, with a state that does not grow

NO_PAIR = "Both halves of that order were there, at most ten minutes apart, and it got no row."
NO_ROW = "The time of the stream is more than eleven minutes after that order, and nothing says that it has no mail."
EARLY = "A mail for that order could still come: eleven minutes of event time have not passed."
AGAIN = "That order has had its row already. Each order gets exactly one."
KEPT = "Nothing can come of that order any more, and it is still in your state: it would grow for ever."


def take(state: dict[str, Any], arrival: tuple[str, str, datetime]) -> list[tuple[str, str]]:
    """The rows that are decided now: (order, "mail") or (order, "no mail"). `arrival` is (side, order, at)."""
    side, order, when = arrival
    now = state["now"] = max(state.get("now", when), when)
    waiting = {name: state.setdefault(name, {}) for name in ("confirmed", "mail")}
    other = waiting["mail" if side == "confirmed" else "confirmed"]
    rows = []
    if order in other and abs(when - other[order]) <= TEN:
        del other[order]
        rows.append((order, "mail"))
    else:
        waiting[side][order] = when
    for name, entries in waiting.items():
        for old in [old for old, since in entries.items() if now - since > ELEVEN]:
            del entries[old]
            if name == "confirmed":
                rows.append((old, "no mail"))
    return rows


def examine_take(answer: Bounded, stage: Stage) -> None:
    for seed in (3, 4):
        _run(answer, [*arrivals(seed), (CONFIRMED, "the end", at(600))])


def _run(answer: Bounded, come: list[Arrival]) -> None:
    found: dict[str, Any] = {}
    right: dict[str, Any] = {}
    done: set[str] = set()
    for number, arrival in enumerate(come):
        said = pairs(answer(found, arrival), 'a list of (order, "mail" or "no mail")')
        rows = take(right, arrival)
        where = f"arrival {number}: {arrival[0]} {arrival[1]} of {clock(arrival[2])}"
        if sorted(said) != sorted(rows):
            raise Wrong(_misjudged(said, rows, done), f"{rows or 'no row'}", f"{said or 'no row'}", where)
        done |= {order for order, _ in rows}
        names = {name for entries in (right["confirmed"], right["mail"]) for name in entries}
        kept = [order for order in sorted(done - names) if f"'{order}'" in repr(found)]
        if kept:
            raise Wrong(KEPT, f"nothing about {kept[0]} in the state", f"{len(kept)} such orders", where)


def _misjudged(said: list[tuple[str, str]], rows: list[tuple[str, str]], done: set[str]) -> str:
    more = [row for row in said if row not in rows]
    if any(order in done for order, _ in more):
        return AGAIN
    if any(row[1] == "no mail" for row in more):
        return EARLY
    missing = [row for row in rows if row not in said]
    if any(row[1] == "no mail" for row in missing):
        return NO_ROW
    return NO_PAIR if missing else AGAIN


q5 = Question(
    "13.q5",
    examine_take,
    take,
    "every order got one row, at the right moment, and your state holds eleven minutes and no more.",
)
