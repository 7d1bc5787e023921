"""Stream windows: assign events to windows, count cohorts, compute a watermark, recognise late events."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.domain.windows.closing_and_lateness import ALLOWED_LATENESS, IDLE_AFTER
from ecomkafka.domain.windows.window import EPOCH, SIZE, start_of
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import mapping
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_12.stage import KEYS, TOPIC, at, clock, counted_in, figures, life, with_a_crash

# --- q1: find an event's window

WALL_CLOCK = "That is the record's timestamp, the clock of its producer. A replay sends everything anew; `at` stays."
BOUNDARY = "A window holds its start and not its end: an event exactly on the line begins the next window."
AHEAD = "A window can't begin after an event that it holds: round down, never up."
MULTIPLES = "Windows begin at whole multiples of `size` after EPOCH, whatever `size` is: days, minutes or seconds."


def start(record: Record, size: timedelta) -> datetime:
    """The start of the window, `size` long, that the record's event is in."""
    since: timedelta = record.message.at - EPOCH
    return EPOCH + since // size * size


def examine_start(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    times = [at(7, 30), at(10), at(59, 59.999), datetime(2011, 8, 11, 9, 31, 7, tzinfo=UTC), at(720)]
    events = [event for n, when in enumerate(times) for event in life(f"W-{n}", when, "C")]
    for record in stage.send(TOPIC, events, lambda event: str(event.order_id)):
        for size in (SIZE, timedelta(hours=1), timedelta(days=1), timedelta(seconds=7)):
            found, right = answer(record, size), start(record, size)
            if found != right:
                hint = _misplaced(found, record, size)
                expected = f"{clock(right)} for an event of {clock(record.message.at)} and windows of {size}"
                raise Wrong(hint, expected, clock(found), record.position)


def _misplaced(found: Any, record: Record, size: timedelta) -> str:
    if not isinstance(found, datetime) or found.tzinfo is None:
        return MULTIPLES
    written = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    if abs(found - start_of(written, size)) <= size:
        return WALL_CLOCK
    if found == record.message.at - size:
        return BOUNDARY
    return AHEAD if found > record.message.at else MULTIPLES


q1 = Question(
    "12.q1",
    examine_start,
    start,
    "five events, windows of four sizes, and none was moved by the clock of the machine that wrote them.",
)

# --- q2: conversion of cohorts

TWICE = "An order that its client has sent twice is one order. Count who, not how often."
PENDING = "An order that has no end yet was placed all the same: it belongs to what you divide by."
NO_SALE = "Orders were placed in that window and none was confirmed. That is 0, and the most interesting row of all."
COHORT = "All that comes of an order carries the time at which it was placed: count it in that window."


def conversion(events: list[Any]) -> dict[datetime, float]:
    """For each window in which orders were placed: its start, and the share of them that was confirmed, 0 to 1."""
    created: dict[datetime, set[str]] = {}
    confirmed: set[str] = set()
    for event in events:
        if event.type == "ORDER_CREATED":
            created.setdefault(start_of(event.at), set()).add(event.order_id)
        elif event.type == "ORDER_CONFIRMED":
            confirmed.add(event.order_id)
    return {start: len(ids & confirmed) / len(ids) for start, ids in created.items()}


def examine_conversion(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    lives = [("O-1", at(0), "CO"), ("O-2", at(1), "CX"), ("O-3", at(4, 59), "C"), ("O-4", at(2), "CO")]
    lives += [("O-5", at(5), "CX"), ("O-6", at(6), "C"), ("O-7", at(14, 59), "CO")]
    again = life("O-2", at(1), "C") + life("O-7", at(14, 59), "O")
    events = [event for one in lives for event in life(*one)]
    once = stage.send(TOPIC, events, lambda event: str(event.order_id))
    _same_shares(answer, once, "each event once", COHORT)
    _same_shares(answer, stage.send(TOPIC, again, lambda event: str(event.order_id)), "two events twice", TWICE)


def _same_shares(answer: Bounded, records: Sequence[Record], told: str, otherwise: str) -> None:
    right = conversion([record.message for record in records])
    for order in permutations(range(3)):
        events = [record.message for partition in order for record in records if record.partition == partition]
        shares = mapping(answer(events), "a dict from each window's start to a share")
        if shares == right:
            continue
        window = next((start for start in right if shares.get(start) != right[start]), min(right))
        hint = NO_SALE if window not in shares and not right[window] else otherwise
        share = shares.get(window)
        if otherwise == COHORT and isinstance(share, int | float) and share > right[window]:
            hint = PENDING
        about = next(record.position for record in records if start_of(record.message.at) == window)
        expected = f"{right[window]:g} for {clock(window)}, {told}, and {len(right)} windows in all"
        raise Wrong(hint, expected, f"{share!r:.60}, {len(shares)} windows", about)


q2 = Question(
    "12.q2",
    examine_conversion,
    conversion,
    "in every sequence of arrival, with an order sent twice and a confirmation twice, the shares are the same.",
)

# --- q3: how far has event time come?

FAST = "A fast input has closed the windows of a slow one. The slowest that still speaks decides."
IDLE = "That input has said nothing for so long that it counts as idle: it must not hold the others back."
BACK = "An older event came late on an input, and its mark went back. A mark is the highest event time seen there."
ALL_IDLE = "All inputs are idle: then it is the highest mark, or the last windows would never be closed."


def watermark(arrivals: list[tuple[str, datetime, datetime]], now: datetime) -> datetime:
    """No event older than this is expected. Each arrival: input, event time, when it was read; as they were read."""
    marks: dict[str, datetime] = {}
    heard: dict[str, datetime] = {}
    for name, when, read in arrivals:
        marks[name] = max(when, marks.get(name, when))
        heard[name] = read
    speaking = [marks[name] for name in marks if now - heard[name] < IDLE_AFTER]
    return min(speaking) if speaking else max(marks.values())


def examine_watermark(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    told = [(0, at(3)), (1, at(9)), (2, at(6)), (0, at(8)), (2, at(4)), (1, at(20)), (0, at(7))]
    keys = iter(KEYS[partition] for partition, _ in told)
    events = [event for n, (_, when) in enumerate(told) for event in life(f"M-{n}", when, "C")]
    records = {r.message.order_id: r for r in stage.send(TOPIC, events, lambda event: next(keys))}
    read = [records[f"M-{n}"] for n in range(len(told))]
    arrivals = [(f"partition {r.partition}", r.message.at, at(60, 5 * n)) for n, r in enumerate(read)]
    for number, seconds in ((3, 10), (4, 15), (5, 20), (6, 25), (7, 30), (7, 35), (7, 41), (7, 90)):
        now, come = at(60, seconds), arrivals[:number]
        found, right = answer(list(come), now), watermark(come, now)
        if found != right:
            expected = f"{clock(right)} after {number} events, {seconds} s after the first was read"
            raise Wrong(_misjudged(found, come, now), expected, clock(found), read[number - 1].position)


def _misjudged(found: Any, arrivals: Sequence[tuple[str, datetime, datetime]], now: datetime) -> str:
    marks = {name: max(when for other, when, _ in arrivals if other == name) for name, _, _ in arrivals}
    heard = {name: read for name, _, read in arrivals}
    if all(now - when >= IDLE_AFTER for when in heard.values()):
        return ALL_IDLE
    if found == max(marks.values()):
        return FAST
    return IDLE if found == min(marks.values()) else BACK


q3 = Question(
    "12.q3",
    examine_watermark,
    watermark,
    "a fast input, a late event, one input idle, then all of them: the watermark is where it should be.",
)

# --- q4: count what is late

REOPENED = "That window was closed: somebody may have billed it. What comes now is late, and only counted as such."
DROPPED = "The event was thrown away and nobody will know. Count it as late."
IMPATIENT = "That window's end has passed, its allowed lateness has not: the event still counts in it."
COUNTED_AGAIN = "The service came back and read a record again, and it counted again. Keep how far you have come."
LEFT_OUT = "An event that is not late counts in its own window, once."


def take(state: dict[str, Any], record: Record) -> None:
    """Count the record's event in state["windows"] (start to events) or in state["late"], and no record twice."""
    if record.offset < state["next"]:
        return
    state["next"] = record.offset + 1
    state["mark"] = max(state["mark"], record.message.at)
    start = start_of(record.message.at)
    if start + SIZE + ALLOWED_LATENESS <= state["mark"]:
        state["late"] += 1
    else:
        state["windows"][start] = state["windows"].get(start, 0) + 1


def examine_take(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    times = [at(1), at(4), at(5, 30), at(4, 30), at(6), at(2), at(9, 59), at(7), at(11), at(10, 59), at(3), at(16)]
    events = [event for n, when in enumerate(times) for event in life(f"L-{n}", when, "C")]
    records = stage.send(TOPIC, events, lambda event: "one partition")
    found: dict[str, Any] = {"next": 0, "mark": EPOCH, "windows": {}, "late": 0}
    right = deepcopy(found)
    for record, again in with_a_crash(records):
        before = deepcopy(counted_in(found))
        answer(found, record)
        take(right, record)
        counted = counted_in(found)
        if counted != counted_in(right):
            hint = COUNTED_AGAIN if again else _miscounted(before, counted, right)
            read = ", read again after a crash" if again else ""
            expected = f"{figures(right)} after the event of {clock(record.message.at)}{read}"
            raise Wrong(hint, expected, figures(found), record.position)


def _miscounted(before: tuple[Any, Any], now: tuple[Any, Any], right: dict[str, Any]) -> str:
    if right["late"] == before[1]:
        return LEFT_OUT if now[1] == before[1] else IMPATIENT
    return DROPPED if now == before else REOPENED


q4 = Question(
    "12.q4",
    examine_take,
    take,
    "no closed window changed, no event was lost or counted twice, and what came too late is known.",
)
