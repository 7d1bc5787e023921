"""Idempotence: a consumer that sees duplicates, an idempotency key, a bounded memory, one charge."""

from collections import Counter
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.program import after
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_08.stage import EVENTS, Cashier
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import Reserve

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
REQUESTS = "inventory.requests"
OPENING = 8


def request(order_id: str, units: int = 1) -> Reserve:
    (asked,) = messages_of(order_id, "ann", {"HEADSET-001": units}, NOW)[1]
    return asked


def sent(stage: Stage, requests: list[Reserve]) -> list[Record]:
    return stage.send(REQUESTS, requests, lambda ask: str(ask.warehouse_id))


# --- q1: a consumer whose commands may come twice

OBEYED_AGAIN = "The same RESERVE came twice and was obeyed twice. Remember what became of each order."
OTHER_ANSWER = (
    "A repeated request gets its first answer again: perhaps that was the one that got lost. Remember a refusal too."
)
NOT_ENOUGH = "There is not so much, or there is: compare the units asked for with what is available."


def reserve(shelf: dict[str, Any], order_id: str, units: int) -> str:
    """RESERVED or INSUFFICIENT_STOCK; shelf["available"] is units, shelf["memory"] a dict for what you want to keep."""
    if order_id not in shelf["memory"]:
        enough = units <= shelf["available"]
        shelf["available"] -= units if enough else 0
        shelf["memory"][order_id] = "RESERVED" if enough else "INSUFFICIENT_STOCK"
    return str(shelf["memory"][order_id])


def examine_reserve(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS)
    asked = [("I-1", 3), ("I-1", 3), ("I-2", 7), ("I-3", 1), ("I-3", 1), ("I-2", 7), ("I-4", 13), ("I-1", 3)]
    shelf: dict[str, Any] = {"available": OPENING, "memory": {}}
    right: dict[str, Any] = {"available": OPENING, "memory": {}}
    known: set[str] = set()
    for number, record in enumerate(sent(stage, [request(order_id, units) for order_id, units in asked])):
        order_id, units = record.message.order_id, record.message.items[0].quantity
        if number == 5:  # goods come in between I-2's refusal and its repetition
            shelf["available"], right["available"] = shelf["available"] + 9, right["available"] + 9
        found, expected = answer(shelf, order_id, units), reserve(right, order_id, units)
        if found != expected or shelf["available"] != right["available"]:
            again = shelf["available"] < right["available"] and expected == "RESERVED"
            hint = NOT_ENOUGH if order_id not in known else OBEYED_AGAIN if again else OTHER_ANSWER
            observed = f"{found!r:.60}, {shelf['available']} available, after RESERVE {units} for {order_id}"
            raise Wrong(hint, f"{expected}, {right['available']} available", observed, record.position)
        known.add(order_id)


q1 = Question(
    "08.q1",
    examine_reserve,
    reserve,
    "repeated requests changed nothing and got their first answer, also the one that had been refused.",
)

# --- q2: the key of a wish

NEW_EACH_TIME = "The second try of one form got another key, so it is another order. A key has to survive a retry."
SECOND_WISH = "These are two wishes: the customer filled in a new form. The same basket may be bought twice."
NO_TEXT = "A key is a text of 1 to 100 characters."


class Click(NamedTuple):
    """`form_id` was made when the page was shown; `sent_at` is when the button was pressed."""

    customer_id: str
    product_id: str
    form_id: str
    sent_at: str


CLICKS = (
    Click("ann", "MOUSE-001", "f-17", "12:00:00"),
    Click("ann", "MOUSE-001", "f-17", "12:00:09"),
    Click("ann", "MOUSE-001", "f-23", "12:30:00"),
    Click("bob", "MOUSE-001", "f-18", "12:00:00"),
    Click("bob", "MOUSE-001", "f-18", "12:00:00"),
)


def wish(click: Any) -> str:
    """The order id, from what the click carries: customer_id, product_id, form_id, sent_at."""
    return f"{click.customer_id}-{click.form_id}"


def examine_wish(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS)
    keys = [answer(click) for click in CLICKS]
    if bad := [key for key in keys if not isinstance(key, str) or not 1 <= len(key) <= 100]:
        raise Wrong(NO_TEXT, "a str", f"{bad[0]!r:.60}")
    of_form: dict[str, str] = {}
    form_of: dict[str, str] = {}
    for click, record in zip(CLICKS, sent(stage, [request(key) for key in keys]), strict=True):
        order_id, form = record.message.order_id, click.form_id
        if of_form.setdefault(form, order_id) != order_id:
            raise Wrong(NEW_EACH_TIME, f"{of_form[form]} again for form {form}", order_id, record.position)
        if form_of.setdefault(order_id, form) != form:
            raise Wrong(SECOND_WISH, f"another id for form {form}", f"{order_id} again", record.position)


q2 = Question(
    "08.q2",
    examine_wish,
    wish,
    "five clicks are three wishes, whatever is repeated.",
)

# --- q3: remember the newest ids, and no more

GROWS = "More ids are kept than allowed. When a new one comes in, the oldest one has to go."
FORGOT = "That order was one of the newest and was not known any more. Forget the oldest one, and only that."
NOT_NEW = "That order was here for the first time, and you say that it was not. Only `memory` may remember."


def is_new(memory: dict[str, Any], order_id: str, most: int) -> bool:
    """Whether the order is not known; keep in `memory`, a dict that is empty at first, the `most` newest ids."""
    if order_id in memory:
        return False
    memory[order_id] = True
    if len(memory) > most:
        del memory[next(iter(memory))]
    return True


def examine_is_new(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS)
    numbers = [1, 1, 2, 3, 3, 1, 4, 5, 6, 4, 6, 7, 8, 9, 6, 9, 10, 11, 12, 13, 10]
    records = sent(stage, [request(f"N-{number:02d}") for number in numbers])
    for most in (4, 3):  # the second time with a service that knows nothing
        memory: dict[str, Any] = {}
        first_come: dict[str, Any] = {}  # the newest by when they came first; by when they came last:
        last_come: list[str] = []
        seen: set[str] = set()
        for record in records:
            order_id = record.message.order_id
            memory = deepcopy(memory)  # as after a restart: what is elsewhere is not there any more
            found = bool(answer(memory, order_id, most))
            known = not is_new(first_come, order_id, most) and order_id in last_come
            if found if known else not found and order_id not in seen:
                hint = FORGOT if found else NOT_NEW
                raise Wrong(hint, not found, f"{found} for {order_id}, {most} ids allowed", record.position)
            seen.add(order_id)
            last_come = [*(name for name in last_come if name != order_id), order_id][-most:]
            remembered = [name for name in sorted(seen) if name in repr(memory)]
            if len(remembered) > most:
                raise Wrong(GROWS, f"{most} ids at most", f"{', '.join(remembered)} in the memory", record.position)


q3 = Question(
    "08.q3",
    examine_is_new,
    is_new,
    "the newest orders were known each time, and the memory did not grow.",
)

# --- q4: charge once

OTHER_LIFE = (
    "The power failed after the charge, and the second life asked with another key. Make it of what both lives know."
)
OTHER_OFFSET = "The client had sent the order twice: two records, one order, one charge. An offset names a record only."
ONE_CHARGE = "A known key costs nothing: the customer's second order was not charged. An order is a charge of its own."
UNPAID = "The order is settled, nobody reads it again, and it was never paid for. First the money, then the settling."
UNSETTLED = "The money was taken and the order never settled: its record comes again with every start."


def pay(cashier: Any, record: Record) -> None:
    """Take the money for the order, and settle it."""
    cashier.charge(record.message.order_id)
    cashier.settle()


def examine_pay(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(EVENTS)
    cuts = {"P-0": -1, "P-1": 0, "P-2": 1, "P-3": 2, "P-4": 3}
    created = {name: messages_of(name, "ann" if name < "P-2" else "bob", {"MOUSE-001": 1}, NOW)[0] for name in cuts}
    records = stage.send(EVENTS, [*created.values(), created["P-0"], created["P-2"]], lambda _: "one partition")
    first = {record.message.order_id: record for record in reversed(records)}
    with Cashier(stage) as cashier:
        for number, record in enumerate(records):
            cut = cuts[record.message.order_id] if number < len(cuts) else -1
            cashier.handle(record, answer, cut)
            if cashier.committed(EVENTS, record.partition) <= record.offset:
                raise Wrong(UNSETTLED, f"next offset {record.offset + 1}", "the old one", record.position)
            _paid_once(cashier, record, first, after(cut))
        cashier.settled()
    confirmed = Counter(r.message.order_id for r in stage.read(EVENTS) if r.message.type == "ORDER_CONFIRMED")
    if lost := sorted(set(cuts) - set(confirmed)):
        raise Wrong(UNSETTLED, "ORDER_CONFIRMED for each order", f"none for {lost}", first[lost[0]].position)


def _paid_once(cashier: Cashier, record: Record, first: dict[str, Record], what: str) -> None:
    order_id = record.message.order_id
    times = sum(1 for order, _ in cashier.charges.values() if order == order_id)
    if times == 1:
        return
    hint = ONE_CHARGE if order_id in cashier.asked else UNPAID
    if times:
        hint = OTHER_LIFE if record is first[order_id] else OTHER_OFFSET
    raise Wrong(hint, f"{order_id} charged once", f"{times} times, {what}", record.position)


q4 = Question(
    "08.q4",
    examine_pay,
    pay,
    "the power was cut before each call and after the commit, two orders came twice, and each was paid for once.",
    seconds=8.0,
)
