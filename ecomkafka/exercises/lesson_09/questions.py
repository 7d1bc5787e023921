"""Transactions: repair a dual write, isolation levels, offsets inside the transaction, where exactly once ends."""

from collections import Counter as Counts
from collections.abc import Sequence
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.program import after
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import items
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_09.stage import (
    ANSWERS,
    BASKETS,
    EVENTS,
    LOGS,
    REQUESTS,
    Client,
    Counter,
    Log,
    Service,
    Transactions,
    basket,
    write_orders,
)

# --- q1: repair the dual write

GOODS_ONLY = "Goods are held for an order that nobody will ever know. Both writes belong into one transaction."
ORDER_ONLY = "An order waits for goods that nobody was asked for. Both writes belong into one transaction."
NEVER_COUNTS = "Nothing went wrong, and yet no reader gets your order: nobody has committed."


def place(client: Any) -> None:
    """Take the order, with what it needs, or leave nothing behind."""
    client.begin()
    client.reserve()
    client.create()
    client.commit()


def examine_place(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(EVENTS, REQUESTS)
    cuts: dict[str, int] = {}
    with Client(stage) as client:
        for cut in range(-1, 24):  # the first time without any
            client.order_id = f"D-{cut + 1}"
            cuts[client.order_id] = cut
            if not client.live(lambda: answer(client), cut) and cut >= 0:
                break
        client.settled()
    records = {topic: stage.read(topic) for topic in (REQUESTS, EVENTS)}
    written = {topic: Counts(r.message.order_id for r in found) for topic, found in records.items()}
    for order_id, cut in cuts.items():
        goods, orders = written[REQUESTS][order_id], written[EVENTS][order_id]
        if goods != orders or (cut < 0 and goods != 1):
            hint = NEVER_COUNTS if goods == orders else GOODS_ONLY if goods > orders else ORDER_ONLY
            where = [str(r.position) for found in records.values() for r in found if r.message.order_id == order_id]
            expected = "1 RESERVE and 1 ORDER_CREATED" + (", or neither" if cut >= 0 else "")
            raise Wrong(hint, expected, f"{goods} and {orders}, {after(cut)}", ", ".join(where))


q1 = Question(
    "09.q1",
    examine_place,
    place,
    "the power was cut before each of your calls and after the commit, and no order was left in halves.",
    seconds=8.0,
)

# --- q2: what a reader sees

EVERYTHING = "`read_uncommitted` gets every record that is in the log, whatever becomes of its transaction."
NEVER_HAPPENED = "That transaction was aborted. Its records stay in the log, and no `read_committed` reader gets them."
BEYOND = "A reader keeps the log's order, and does not know yet what becomes of the open one: it stops before it."
HELD_BACK = "That record counts, and nothing in front of it is open: it is delivered."


def seen(log: list[tuple[str, str]], level: str) -> list[str]:
    """What a reader of this isolation level gets now. `log`: of each record its value and its transaction's fate."""
    if level == "read_uncommitted":
        return [value for value, _ in log]
    got = []
    for value, fate in log:
        if fate == "open":
            break
        if fate != "aborted":
            got.append(value)
    return got


def examine_seen(answer: Bounded, stage: Stage) -> None:
    stage.create(EVENTS)
    with Transactions(stage) as transactions:
        transactions.play(LOGS)
        _compare(answer, LOGS, transactions)
        transactions.abort_open_ones()
        ended = [[(value, "aborted" if fate == "open" else fate) for value, fate in log] for log in LOGS]
        _compare(answer, ended, transactions)


def _compare(answer: Bounded, logs: Sequence[Log], transactions: Transactions) -> None:
    for level, partition, log, right in transactions.readings(logs):
        found = items(answer(list(log), level), "a list of values")
        if found != right:
            about = f"{right} for {level}, of {log}"
            raise Wrong(_misread(log, level, found, right), about, f"{found!r:.80}", f"{EVENTS}:{partition}")


def _misread(log: Log, level: str, found: Sequence[Any], right: Sequence[str]) -> str:
    if level == "read_uncommitted":
        return EVERYTHING
    more = set(found) - set(right)
    return HELD_BACK if not more else NEVER_HAPPENED if more & {v for v, fate in log if fate == "aborted"} else BEYOND


q2 = Question(
    "09.q2",
    examine_seen,
    seen,
    "both kinds of readers got on Kafka what you had said, while transactions were open and after they had ended.",
)

# --- q3: the offset inside the transaction

ONE_BEHIND = "The committed offset is the next one to read: one more than the last that was handled."
ONE_OF_TWO = "The batch came from several partitions, and each has an offset of its own."
NOT_NOTED = "The batch was handled, and its offsets never counted: it comes again with every start."
ANSWER_LOST = "The offset counted before the answer did, so the record never came again. Put it into the transaction."
ANSWERED_TWICE = "The answer counted before the offset did, so the record came again. Put it into the transaction."


def step(service: Any, records: list[Record]) -> None:
    """Answer all records, each exactly once, whatever happens in between."""
    service.begin()
    for record in records:
        service.answer(record)
    service.offsets({record.partition: record.offset + 1 for record in records})
    service.commit()


def examine_step(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(EVENTS, ANSWERS)
    records = write_orders(stage, 3 * 20)
    handled: dict[str, tuple[Record, int]] = {}
    with Service(stage) as service:
        for cut in range(-1, len(records) // 3 - 1):
            batch = records[3 * (cut + 1) : 3 * (cut + 2)]
            was_cut = service.handle(batch, answer, cut)
            _all_noted(service, batch)
            handled |= {record.message.order_id: (record, cut) for record in batch}
            if cut >= 0 and not was_cut:
                break
        service.settled()
    answers = Counts(record.message.order_id for record in stage.read(ANSWERS))
    for order_id, (record, cut) in handled.items():
        if answers[order_id] != 1:
            hint = ANSWERED_TWICE if answers[order_id] else ANSWER_LOST
            raise Wrong(hint, f"1 answer for {order_id}", f"{answers[order_id]}, {after(cut)}", record.position)


def _all_noted(service: Service, batch: Sequence[Record]) -> None:
    left = service.left(batch)
    if not left:
        return
    hint = NOT_NOTED if len(left) == len(batch) else ONE_BEHIND if left == [batch[1], batch[2]] else ONE_OF_TWO
    right = {record.partition: record.offset + 1 for record in batch}
    found = {number: service.committed(EVENTS, number) for number in right}
    raise Wrong(hint, f"next offsets {right}", f"{found}", left[0].position)


q3 = Question(
    "09.q3",
    examine_step,
    step,
    "the power was cut before each of your calls and after the commit, and each record was answered once.",
    seconds=8.0,
)

# --- q4: where exactly once ends

COUNTED_AGAIN = "After the crash that record came again, and was added again. Its row knows up to where it has counted."
NOT_COUNTED = (
    "These units never came in: a record was taken for one that had been counted. Look at its own row's offset."
)
WRONG_SUM = "Nothing went wrong, and the sum is not right. Each item of a record goes to its product's row."


def count(counter: Any, record: Record) -> None:
    """Add each item's quantity to its product's row, once, however often the record comes."""
    for item in record.message.items:
        units, offset = counter.get(item.product_id)
        if record.offset > offset:
            counter.put(item.product_id, units + item.quantity, record.offset)


def examine_count(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(REQUESTS)
    records = stage.send(REQUESTS, list(map(basket, range(len(BASKETS)))), lambda _: "one partition")
    right = dict(sum(map(Counts, BASKETS), Counts[str]()))
    with Counter(stage) as counter:
        for cut in range(-1, 60):  # the first time without any
            was_cut = counter.count_all(records, answer, cut)
            found = {name: counter.rows.get(name, (0, -1))[0] for name in right}
            if found != right:
                hint = COUNTED_AGAIN if sum(found.values()) > sum(right.values()) else NOT_COUNTED
                raise Wrong(hint if was_cut else WRONG_SUM, right, f"{found}, {after(cut)}", records[-1].position)
            if cut >= 0 and not was_cut:
                return


q4 = Question(
    "09.q4",
    examine_count,
    count,
    "the power was cut before each of your calls, records came again, and every unit was counted once.",
    seconds=4.0,
)
