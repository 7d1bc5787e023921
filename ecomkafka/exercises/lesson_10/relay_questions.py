"""The relay: publish and mark, what a relay misses that remembers the last id, and one that a refused message does not
stop.
"""

from collections.abc import Sequence
from typing import Any

from kafka.errors import KafkaError

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.program import after
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import items
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_10.stage import EVENTS, TOO_LARGE, Desk, polled
from ecomkafka.lessons.outbox.relay import MESSAGE_ID

# --- q3: the relay

LOST = "This message is not in Kafka, and nobody will send it any more. Publish it first, and mark it then."
NOT_MARKED = "This message is in Kafka, and its row says that it is not: with every run it is published again."
OUT_OF_SEQUENCE = "The messages are not in the sequence of their ids."
AGAIN = "Nothing went wrong, and a message was published more than once."


def relay(desk: Any) -> None:
    """Publish what is not published yet, in the sequence of the ids; lose nothing."""
    for row in desk.unpublished():
        desk.publish(row)
        desk.mark(row)


def examine_relay(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(EVENTS)
    runs: list[tuple[int, list[int], list[int]]] = []
    with Desk(stage) as desk:
        for cut in range(-1, 24):  # the first time without any
            ids = desk.write(("ann", "created"), ("ben", "created"), ("ann", "paid"))
            was_cut = desk.live(lambda: answer(desk), cut)
            for _ in range(2):  # it is started again, and again when nothing is left to do
                desk.live(lambda: answer(desk))
            runs.append((cut, ids, desk.marked(ids)))
            if cut >= 0 and not was_cut:
                break
    records = stage.read(EVENTS)
    for cut, ids, marked in runs:
        _compare(ids, marked, [record for record in records if _id(record) in ids], cut)


def _compare(ids: list[int], marked: list[int], records: Sequence[Record], cut: int) -> None:
    found = [_id(record) for record in records]
    expected = f"messages {ids}, each at least once, in this sequence"
    observed = f"{found}, {after(cut)}"
    where = records[-1].position if records else EVENTS
    if set(found) != set(ids):
        raise Wrong(LOST, expected, observed, where)
    if list(dict.fromkeys(found)) != ids:
        raise Wrong(OUT_OF_SEQUENCE, expected, observed, where)
    if marked != ids:
        raise Wrong(NOT_MARKED, f"{ids} marked", f"{marked} marked, {after(cut)}", where)
    if cut < 0 and len(found) > len(ids):
        raise Wrong(AGAIN, expected, observed, where)


def _id(record: Record) -> int:
    return int(record.header(MESSAGE_ID) or 0)


q3 = Question(
    "10.q3",
    examine_relay,
    relay,
    "the power was cut before each of your calls, nothing was lost, and what came twice has the same id.",
    seconds=8.0,
)

# --- q4: what a last id misses

ROLLED_BACK = "That transaction was rolled back: there is no row that could be missed."
FOUND = "A poll finds that one: when it is committed, no larger id has been published yet."
OVERLOOKED = "That one is missed: a larger id had been published before it was committed, and the relay asks beyond it."
CASES: tuple[tuple[list[tuple[int, int | None]], list[int]], ...] = (
    ([(1, 10), (2, 20), (3, 30)], [15, 25, 35]),
    ([(1, 30), (2, 20), (3, 50)], [25, 35, 55]),
    ([(1, 22), (2, 21), (3, 23)], [25, 35]),
    ([(1, 12), (2, None), (3, 18), (4, 14)], [15, 30]),
    ([(1, 10), (2, 90), (3, 40), (4, 30), (5, 80)], [35, 45, 60]),
    ([(1, None), (2, 50)], [20, 40]),
)


def missed(commits: list[tuple[int, int | None]], polls: list[int]) -> set[int]:
    """The ids of the rows that a relay that remembers the last id never publishes."""
    published: set[int] = set()
    last = 0
    for now in polls:
        new = {number for number, at in commits if at is not None and at <= now and number > last}
        published |= new
        last = max(new, default=last)
    return {number for number, at in commits if at is not None and number < last} - published


def examine_missed(answer: Bounded, stage: Stage) -> None:
    for commits, polls in CASES:
        found = set(items(answer(list(commits), list(polls)), "a set of ids"))
        published, last = polled(commits, polls)
        committed = {number for number, at in commits if at is not None}
        right = {number for number in committed if number < last} - published
        if found != right:
            extra = found - right
            hint = OVERLOOKED if not extra else FOUND if extra & committed else ROLLED_BACK
            raise Wrong(hint, f"{right or '{}'} for {commits}, polls at {polls}", f"{found or '{}'!s:.80}")


q4 = Question(
    "10.q4",
    examine_missed,
    missed,
    "a relay that remembers the last id polled real tables, and missed just what you had said.",
)

# --- q5: a relay that one refused message does not stop

STOPS_ALL = "One message is refused, and messages of other orders wait behind it."
OVERTAKES = "A message has overtaken an earlier one of its own order: its reader would see *paid* before *created*."
MARKED_UNSENT = "This row is marked, and its message was refused: nobody will ever send it."
NEVER_SENT = "The refused message was repaired, and not everything has been published since."


def patient_relay(desk: Any) -> None:
    """Publish all that can be; of an order with a refused message, nothing that comes after it."""
    waiting = set()
    for row in desk.unpublished():
        if row.order_id in waiting:
            continue
        try:
            desk.publish(row)
        except KafkaError:
            waiting.add(row.order_id)
        else:
            desk.mark(row)


def examine_patient_relay(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(EVENTS)
    large = "x" * TOO_LARGE
    with Desk(stage) as desk:
        for cut in range(-1, 30):  # the first time without any
            first = (("ann", "created"), ("ben", large), ("cleo", "created"))
            ids = desk.write(*first, ("ben", "paid"), ("ann", "paid"), ("ben", "sent"))
            was_cut = desk.live(lambda: answer(desk), cut)
            desk.live(lambda: answer(desk))
            _while_one_is_refused(desk, ids, cut)
            desk.repair()
            desk.live(lambda: answer(desk))
            _after_its_repair(desk, ids, cut)
            if cut >= 0 and not was_cut:
                return


def _while_one_is_refused(desk: Desk, ids: list[int], cut: int) -> None:
    ann, refused, cleo, bens, ann_again, bens_last = ids
    sent = [number for number in desk.acknowledged if number in ids]
    observed = f"in Kafka: {sent}, marked: {desk.marked(ids)}, {after(cut)}"
    expected = f"{ann}, {cleo} and {ann_again} in Kafka and marked; {refused}, {bens} and {bens_last} not"
    if refused in desk.marked(ids):
        raise Wrong(MARKED_UNSENT, expected, observed, EVENTS)
    if {bens, bens_last} & set(sent):
        raise Wrong(OVERTAKES, expected, observed, EVENTS)
    if not {ann, cleo, ann_again} <= set(sent):
        raise Wrong(STOPS_ALL, expected, observed, EVENTS)


def _after_its_repair(desk: Desk, ids: list[int], cut: int) -> None:
    sent = list(dict.fromkeys(number for number in desk.acknowledged if number in ids))
    observed = f"in Kafka: {sent}, marked: {desk.marked(ids)}, {after(cut)}, after the repair"
    if set(sent) != set(ids) or desk.marked(ids) != ids:
        hint = NEVER_SENT if set(sent) != set(ids) else NOT_MARKED
        raise Wrong(hint, f"{ids} in Kafka and marked", observed, EVENTS)
    for order in (ids[0::4], ids[1::2]):  # Ann's messages, and Ben's
        if [number for number in sent if number in order] != order:
            raise Wrong(OVERTAKES, f"{order} in this sequence", observed, EVENTS)


q5 = Question(
    "10.q5",
    examine_patient_relay,
    patient_relay,
    "one message was refused, the power was cut before each of your calls, and only its own order waited.",
    seconds=12.0,
)
