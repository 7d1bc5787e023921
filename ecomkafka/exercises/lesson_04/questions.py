"""Event sourcing and CQRS: a fold, a state at an earlier time, and a read model that survives a power cut."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.domain.order import BrokenHistoryError, fold
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import Database, PowerCut
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import texts
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import OrderCancelled, OrderConfirmed, Reason

TOPIC = "orders.events"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def history(*lives: tuple[str, str]) -> list[Any]:
    """Events: of each order, in turn, what its letter says. C: created, O: confirmed (OK), X: cancelled."""
    events = []
    for order_id, letters in lives:
        created, _ = messages_of(order_id, "ann", {"MOUSE-001": 1}, NOW)
        total = created.total
        kinds = {
            "C": created,
            "O": OrderConfirmed(order_id=order_id, total=total, at=NOW),
            "X": OrderCancelled(order_id=order_id, total=total, reason=Reason.TIMEOUT, at=NOW),
        }
        events += [kinds[letter] for letter in letters]
    return events


# --- q1: write evolve

NOT_FOLDED = "An event is a fact: ORDER_CONFIRMED makes it CONFIRMED, ORDER_CANCELLED makes it CANCELLED."
REOPENED = "The creation came once more, as it does after a crash, and an order that has ended was opened again."
INVENTED = "There was no such order. A history that cannot be is an error: raise a ValueError."


def evolve(status: str | None, event: Any) -> str:
    """The order's status after `event`; None is no order. Raises ValueError on an end without a beginning."""
    if event.type == "ORDER_CREATED":
        return status or "PENDING"
    if status is None:
        raise ValueError(f"{event.order_id}: {event.type} comes before ORDER_CREATED")
    return str(event.type.removeprefix("ORDER_"))


def examine_evolve(answer: Bounded, stage: Stage) -> None:
    answer.passes = (ValueError,)
    stage.create(TOPIC)
    letters_of = ("CO", "C", "CX", "CCOO", "CXXC", "COC", "CXC", "O", "X")
    lives = [(f"A-{number}", letters) for number, letters in enumerate(letters_of, start=1)]
    records = stage.send(TOPIC, history(*lives), lambda event: str(event.order_id))
    for order_id, letters in lives:
        own = [record for record in records if record.message.order_id == order_id]
        found, right = _folded(answer, own), _right(own)
        if found != right:
            hint = INVENTED if right == "ValueError" else REOPENED if letters.endswith(("OC", "XC")) else ""
            types = ", ".join(record.message.type for record in own)
            raise Wrong(hint or NOT_FOLDED, f"{right} after {types}", f"{found!r:.60}", own[-1].position)


def _folded(answer: Bounded, records: Iterable[Record]) -> Any:
    status: Any = None
    try:
        for record in records:
            status = answer(status, record.message)
    except ValueError:
        return "ValueError"
    return status


def _right(records: Iterable[Record]) -> str:
    try:
        order = fold(record.message for record in records)
    except BrokenHistoryError:
        return "ValueError"
    return str(order.status) if order else ""


q1 = Question(
    "04.q1",
    examine_evolve,
    evolve,
    "nine histories, some with events that came again and two that cannot be, are folded as the shop folds them.",
)

# --- q2: look back

HINDSIGHT = "You looked at what came later. The state at a time is the fold of the events up to it, and of no other."
ENDED = "An order that was confirmed or cancelled by then was not pending any more."
OTHER_ORDER = "These are the orders, and each belongs there once, the first created first, as in the log."


def pending_after(events: list[Any], number: int) -> list[str]:
    """The ids of the orders that were pending after the first `number` events, the oldest order first."""
    status: dict[str, str] = {}
    for event in events[:number]:
        if event.type != "ORDER_CREATED":
            status[event.order_id] = "ENDED"
        elif event.order_id not in status:
            status[event.order_id] = "PENDING"
    return [order_id for order_id, now in status.items() if now == "PENDING"]


def examine_pending(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    lives = [("B-3", "C"), ("B-1", "CX"), ("B-4", "C"), ("B-3", "O"), ("B-2", "C"), ("B-4", "X"), ("B-3", "C")]
    records = stage.send(TOPIC, history(*lives), lambda event: "one partition")
    events = [record.message for record in records]
    for number in range(len(events) + 1):
        found, right = texts(answer(list(events), number), "a list of order ids"), _pending(events[:number])
        if found != right:
            hint = _misjudged(events[:number], set(found) - set(right), set(right) - set(found))
            where = records[max(0, number - 1)].position
            raise Wrong(hint, f"{right} after {number} of {len(events)} events", f"{found!r:.80}", where)


def _misjudged(events: Sequence[Any], more: set[str], less: set[str]) -> str:
    if not more:
        return HINDSIGHT if less else OTHER_ORDER
    own = [event.type for event in events if event.order_id == min(more)]
    return HINDSIGHT if not own else REOPENED if own[-1] == "ORDER_CREATED" else ENDED


def _pending(events: Sequence[Any]) -> list[str]:
    orders = [fold(e for e in events if e.order_id == name) for name in dict.fromkeys(e.order_id for e in events)]
    return [order.order_id for order in orders if order and order.status == "PENDING"]


q2 = Question(
    "04.q2",
    examine_pending,
    pending_after,
    "you know what was pending after each of the events.",
)

# --- q3: a read model that survives a power cut

COUNTED_TWICE = "The money was kept and the offset was not, so the record came again. Both belong into one transaction."
NEVER_COUNTED = (
    "The offset was kept and the money was not, so the record never came again. Both belong into one transaction."
)
NOT_COMMITTED = "What is not committed is gone with the next power cut. Commit at the end."


def project(database: Database, records: list[Record]) -> None:
    """Add each confirmed order's pence to the table revenue, and note the next offset of each partition."""
    for record in records:
        if record.message.type == "ORDER_CONFIRMED":
            database.execute("INSERT INTO revenue VALUES (?)", (int(100 * record.message.total),))
        database.execute("INSERT OR REPLACE INTO offsets VALUES (?, ?)", (record.partition, record.offset + 1))
    database.commit()


def examine_project(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(TOPIC)
    lives = [(f"C-{number}", "CO" if number % 3 else "CX") for number in range(5)]
    records = stage.send(TOPIC, history(*lives), lambda event: str(event.order_id))
    right = sum(int(100 * r.message.total) for r in records if r.message.type == "ORDER_CONFIRMED")
    for cut in range(-1, 120):  # the first time without any
        with closing(Database(cut)) as database:
            was_cut = _two_lives(answer, database, records)
            found, offsets = database.revenue(), database.offsets()
        if found != right:
            hint = COUNTED_TWICE if found > right else NEVER_COUNTED if was_cut else NOT_COMMITTED
            lost = f"{found} pence after a power cut before step {cut + 1}" if was_cut else f"{found} pence without any"
            raise Wrong(hint, f"{right} pence", lost, f"{TOPIC}, next offsets {offsets}")
        if cut >= 0 and not was_cut:
            return


def _two_lives(answer: Bounded, database: Database, records: Sequence[Record]) -> bool:
    """Project; if the power fails, start again at the offsets that were kept. Whether it failed."""
    try:
        answer(database, list(records))
    except PowerCut:
        database.restart()
        offsets = database.offsets()
        answer(database, [record for record in records if record.offset >= offsets.get(record.partition, 0)])
        return True
    finally:
        database.restart()
    return False


q3 = Question(
    "04.q3",
    examine_project,
    project,
    "the power was cut before each of your statements and after each commit, and the revenue was right.",
)
