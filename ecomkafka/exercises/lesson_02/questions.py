"""Topics, partitions and keys: choose a key, let a topic grow, measure a lag, live without a total order."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

from kafka.partitioner.default import murmur2

from ecomkafka.clients.admin import describe_topics
from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.another_process import check_stable
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import texts
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_02.stage import write_transactions
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import OrderCancelled, OrderConfirmed, OrderCreated, Reason

TOPIC = "orders.events"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)

Events = list[OrderCreated | OrderConfirmed]


def events_of(numbers: range) -> Events:
    """Each order's creation and, when all were created, their ends."""
    created = [messages_of(f"ORD-{number:04d}", "ann", {"MOUSE-001": 1}, NOW)[0] for number in numbers]
    return [*created, *(OrderConfirmed(order_id=o.order_id, total=o.total, at=NOW) for o in created)]


# --- q1: choose the key

NO_KEY = "Without a key the client throws dice. What do the two events of one order have in common?"
SPLIT = "These two events belong together and are in two partitions. Their keys differ: take what both of them carry."
ONE_FOR_ALL = "Everything is in one partition, in sequence, but two readers can't share the work. Take a finer key."


def key(event: Any) -> str:
    """The record's key: a text, or None."""
    return str(event.order_id)


def examine_key(answer: Bounded, stage: Stage) -> None:
    events = events_of(range(40, 52))
    stage.create(TOPIC)
    keys = [answer(event) for event in events]
    if None in keys:
        raise Wrong(NO_KEY, "a key for every event", f"None for {events[keys.index(None)].type}")
    if others := [found for found in keys if not isinstance(found, str)]:
        raise Wrong("A key is a text here.", "a str", f"{others[0]!r:.60}")
    chosen = iter(keys)
    records = stage.send(TOPIC, events, lambda event: next(chosen))
    first: dict[str, Record] = {}
    for record in records:
        other = first.setdefault(record.message.order_id, record)
        if other.partition != record.partition:
            raise Wrong(SPLIT, f"one partition for {record.message.order_id}", f"{other.position} too", record.position)
    if len({record.partition for record in records}) == 1:
        raise Wrong(ONE_FOR_ALL, "several partitions in use", "one", records[0].position)
    check_stable(answer, events, keys)


q1 = Question(
    "02.q1",
    examine_key,
    key,
    "each order is in one partition, and the orders are spread over several.",
)

# --- q2: what a topic that grows tears apart

OWN_HASH = "Python's own hash differs from run to run. Kafka's clients use murmur2 of the key's bytes."
SIGN = "Nearly: the client throws away the sign bit of the hash before it divides, `& 0x7FFFFFFF`."
STAYED = "These are the keys that stay where they are. Which ones have records in two partitions?"


def moved(keys: list[str], before: int, after: int) -> set[str]:
    """The keys whose new records go to another partition, when a topic grows from `before` to `after` partitions."""
    hashes = {key: murmur2(key.encode()) & 0x7FFFFFFF for key in keys}
    return {key for key in keys if hashes[key] % before != hashes[key] % after}


def examine_moved(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    events = [event for event in events_of(range(60, 80)) if isinstance(event, OrderCreated)]
    _compare(answer, stage.send(TOPIC, events, by_order), 3, 3)
    with closing(stage.cluster.admin()) as admin:
        admin.create_partitions({stage.cluster.name(TOPIC): 5})
    stage.until(
        lambda: any(t.name == TOPIC and t.partitions == 5 for t in describe_topics(stage.cluster)), "5 partitions"
    )
    _compare(answer, stage.send(TOPIC, events, by_order), 3, 5)


def by_order(event: Any) -> str:
    return str(event.order_id)


def _compare(answer: Bounded, records: Sequence[Record], before: int, after: int) -> None:
    """`records`: all that the topic has."""
    places: dict[str, set[int]] = {}
    for record in records:
        places.setdefault((record.key or b"").decode(), set()).add(record.partition)
    found = set(texts(answer(list(places), before, after), "a set of keys"))
    right = {key for key, partitions in places.items() if len(partitions) > 1}
    if found == right:
        return
    signed = {key for key in places if murmur2(key.encode()) % before != murmur2(key.encode()) % after}
    hint = SIGN if found == signed else STAYED if found == set(places) - right else OWN_HASH
    about = f"{sorted(right)} from {before} to {after} partitions"
    position = next((r.position for r in records if (r.key or b"").decode() == min(found ^ right)), TOPIC)
    raise Wrong(hint, about, f"{sorted(found)!r:.90}", position)


q2 = Question(
    "02.q2",
    examine_moved,
    moved,
    "the topic grew on the broker, and you had named the keys that have records in two partitions.",
)

# --- q3: the lag of a group that stands still

NO_MARKERS = "Lag is a difference of offsets, and the end of every transaction takes one."
ONLY_COMMITTED = "An aborted transaction's records are never shown, but they are in the log, and so is its marker."


def lag(transactions: list[tuple[int, bool]]) -> int:
    """The lag on one partition after these transactions: (how many records, whether it was committed)."""
    return sum(records + 1 for records, _ in transactions)


CASES: tuple[list[tuple[int, bool]], ...] = ([(1, True)] * 3, [(4, True)], [(2, True), (3, False), (5, True)])


def examine_lag(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    ends = write_transactions(stage, TOPIC, events_of(range(1))[0], CASES)
    for partition, transactions in enumerate(CASES):
        expected, found = ends[partition], answer(list(transactions))
        if found == expected:
            continue
        committed = [(records, well) for records, well in transactions if well]
        forgotten = (_records(committed) + len(committed), _records(committed) + len(transactions))
        where = f"{TOPIC}:{partition}:{expected}, its end"
        hint = ONLY_COMMITTED if found in forgotten else NO_MARKERS
        raise Wrong(hint, f"{expected} for {transactions}", f"{found!r:.60}", where)


def _records(transactions: Sequence[tuple[int, bool]]) -> int:
    return sum(records for records, _ in transactions)


q3 = Question(
    "02.q3",
    examine_lag,
    lag,
    "three logs were written on the broker, one with an aborted transaction, and you knew where each ends.",
)

# --- q4: do without an order

LOST_END = (
    "The end came before the creation, and was thrown away. Keep what you know of an order you have not seen yet."
)
OVERWRITTEN = "The creation came after the end and overwrote it. An order that has ended is never pending again."
OTHER_END = "An order ends in one of two ways. ORDER_CONFIRMED makes it CONFIRMED, ORDER_CANCELLED makes it CANCELLED."
NOT_NOTED = "That order was created, and no end of it is in the log: it is PENDING."


def apply(table: dict[str, str], event: Any) -> None:
    """Note in `table` (order id to status) what `event` says, in whatever sequence the events come."""
    if event.type != "ORDER_CREATED":
        table[event.order_id] = event.type.removeprefix("ORDER_")
    elif event.order_id not in table:
        table[event.order_id] = "PENDING"


def examine_apply(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    pending = events_of(range(90, 92))[:2]
    events = [*events_of(range(6)), *pending, *_cancelled(range(6, 9))]
    # Torn, and always in the same way.
    split = stage.send(TOPIC, events, lambda event: f"{event.order_id}/{event.type}")
    right = dict.fromkeys((event.order_id for event in pending), "PENDING")
    right |= {e.order_id: e.type.removeprefix("ORDER_") for e in events if e.type != "ORDER_CREATED"}
    for records in _readings(split):
        table: dict[str, str] = {}
        for record in records:
            answer(table, record.message)
        for record in records:
            order_id = record.message.order_id
            if table.get(order_id) != right[order_id]:
                own = [other for other in records if other.message.order_id == order_id]
                raise _misread(answer, own, table.get(order_id), right[order_id])


def _cancelled(numbers: range) -> list[OrderCreated | OrderCancelled]:
    created = [event for event in events_of(numbers) if isinstance(event, OrderCreated)]
    return [
        *created,
        *(OrderCancelled(order_id=o.order_id, total=o.total, reason=Reason.TIMEOUT, at=NOW) for o in created),
    ]


def _readings(split: Sequence[Record]) -> Iterator[list[Record]]:
    """Every order of the partitions; then with each record twice, as after a crash."""
    for order in permutations(range(3)):
        records = [record for partition in order for record in split if record.partition == partition]
        yield records
        yield [*records, *records]


def _misread(answer: Bounded, own: Sequence[Record], found: Any, expected: str) -> Wrong:
    """`own`: the order's records. What is made of its end alone says which mistake it is."""
    order_id, alone = own[0].message.order_id, dict[str, str]()
    for end in [record.message for record in own if record.message.type != "ORDER_CREATED"][:1]:
        answer(alone, end)
    answered = alone.get(order_id)
    hint = LOST_END if answered is None else OVERWRITTEN if answered == expected else OTHER_END
    came = ", ".join(f"{record.message.type} ({record.position})" for record in own)
    observed = f"{found!r:.60} after {came}"
    return Wrong(NOT_NOTED if expected == "PENDING" else hint, f"{expected} for {order_id}", observed, own[-1].position)


q4 = Question(
    "02.q4",
    examine_apply,
    apply,
    "twelve readings of the same log, six of them with every record twice, give one table.",
)
